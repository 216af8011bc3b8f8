/** The present as Kubernetes writes times: RFC 3339 in UTC, whole seconds. For people to read; nothing is decided by it. */
export function wallTime(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

/** The present as Kubernetes writes times: RFC 3339 in UTC, whole seconds. It is for people to read; no decision uses it. */
export function wallTime(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

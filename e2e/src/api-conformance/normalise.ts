const dropped = new Set([
  "uid",
  "creationTimestamp",
  "resourceVersion",
  "time",
  "description",
  "lastTransitionTime",
  "remainingItemCount",
  "startTime",
  "selfLink",
]);

interface Writer {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
}

function nameOf({ manager, operation, subresource }: Writer): string {
  return [manager, operation, subresource ?? ""].join(" ");
}

function replaced(key: string, value: unknown): unknown {
  // A server lists them by second, then by name: writers of one second on one server may be of two on the other.
  if (key === "managedFields" && Array.isArray(value))
    return value.toSorted((a: Writer, b: Writer) => (nameOf(a) < nameOf(b) ? -1 : 1)).map(normalise);
  if (key === "clusterIP" && typeof value === "string" && value !== "None")
    return value.includes(":") ? "<IPv6>" : "<IPv4>";
  if (key === "clusterIPs" && Array.isArray(value)) return value.map((ip: unknown) => replaced("clusterIP", ip));
  if (key === "nodePort" || key === "healthCheckNodePort") return "<port>";
  if (key === "continue") return "<token>";
  return undefined;
}

/** Leaves out what two servers may well say differently: identities, times, given addresses and ports. */
export function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value === "string")
    return value
      .replace(/10\.96\.\d+\.\d+/g, "<IPv4>")
      .replace(/^fd00:10:96::[0-9a-f]+$/, "<IPv6>")
      .replace(/record \(\d+\)/, "record (<version>)")
      .replace(/:3\d{4}\//g, ":<port>/")
      .replace(/^\d+[smh]\d*s?$/, "<age>");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !dropped.has(key))
      .map(([key, member]) => [key, replaced(key, member) ?? normalise(member)]),
  );
}

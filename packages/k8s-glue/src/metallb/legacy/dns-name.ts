/** What MetalLB's converter takes as it is. */
const asItIs = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/;
/** What the API server takes for a name: RFC 1123 §2.1, in parts joined by dots. */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * The name that an object gets for a name of the old configuration, as MetalLB's converter makes it: cut to 63 characters, in lower
 * case, with dashes for underscores, from the first letter on. Null where that is no name for an object.
 */
export function dnsName(name: string): string | null {
  if (asItIs.test(name)) return name;
  const made = name
    .slice(0, 63)
    .toLowerCase()
    .replaceAll("_", "-")
    .replace(/^[^a-z]*/, "");
  return subdomain.test(made) ? made : null;
}

/** The names that MetalLB's converter leaves unchanged. */
const asItIs = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/;
/** The names that the API server accepts: RFC 1123 §2.1, in parts joined by dots. */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * The name of an object for a name of the old configuration, as by MetalLB's converter: cut to 63 characters, in lower case, with
 * dashes for underscores, from the first letter on. Null where the result is no valid name.
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

import { networkInterfaces } from "node:os";
import { type Ipv4Address, ipv4FromNumber, isLinkLocal, parseIpAddress } from "@herald-lb/sansio";

/**
 * A BGP Identifier for this node, RFC 6286 §2.1: its first IPv4 address, or where it has none a number drawn from its name, so that it
 * stays the same over restarts.
 */
export function routerIdentifier(node: string): Ipv4Address {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, internal, family } of addresses ?? []) {
      const parsed = parseIpAddress(address);
      if (!internal && family === "IPv4" && parsed.ok && !isLinkLocal(parsed.value)) return parsed.value as Ipv4Address;
    }
  }
  // FNV-1a; zero is no identifier.
  let hash = 0x811c9dc5;
  for (const code of new TextEncoder().encode(node)) hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
  return ipv4FromNumber(hash === 0 ? 1 : hash);
}

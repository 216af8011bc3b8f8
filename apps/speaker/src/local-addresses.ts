import { networkInterfaces } from "node:os";
import type { LocalAddresses } from "@herald-lb/bgp-speaker";
import { familyOf, type IpAddress, type Ipv6Address, isLinkLocal, parseIpAddress } from "@herald-lb/sansio";

/** The next hops that the peer can be told: the local end, and the other addresses of its interface. */
export function localAddresses(text: string): LocalAddresses | null {
  const local = addressInText(text);
  if (local === null) return null;
  for (const addresses of Object.values(networkInterfaces())) {
    const own = (addresses ?? []).map(({ address }) => addressInText(address)).filter((address) => address !== null);
    if (!own.includes(local)) continue;
    const linkLocal = own.find((address) => familyOf(address) === "IPv6" && isLinkLocal(address));
    // The peer of an unnumbered session need not be on the subnet of an IPv4 address: RFC 8950 tells it the link-local one for both families.
    const otherFamily = isLinkLocal(local)
      ? undefined
      : own.find((address) => familyOf(address) !== familyOf(local) && !isLinkLocal(address));
    return {
      local,
      ...(otherFamily === undefined ? {} : { otherFamily }),
      ...(linkLocal === undefined ? {} : { linkLocal: linkLocal as Ipv6Address }),
    };
  }
  return { local };
}

/** An address as Node writes it, with or without a zone; null for any other text. */
export function addressInText(text: string): IpAddress | null {
  const parsed = parseIpAddress(text.replace(/%.*$/, ""));
  return parsed.ok ? parsed.value : null;
}

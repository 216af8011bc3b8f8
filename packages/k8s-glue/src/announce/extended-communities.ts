import { extendedCommunityValue } from "@herald-lb/bgp-speaker";
import type { ExtendedCommunityValue } from "@herald-lb/k8s-glue/metallb";

/** An extended community as 64 bits, RFC 4360 §3.1 and §3.2, RFC 5668 §2: all of them transitive. */
export function extendedCommunityBits(community: ExtendedCommunityValue): bigint {
  const { type, globalAdministrator: administrator, localAdministrator: value } = community;
  const base = { type, isTransitive: true, value };
  if (typeof administrator === "string") return extendedCommunityValue({ ...base, form: "Ipv4Address", administrator });
  return extendedCommunityValue({
    ...base,
    form: administrator > 0xffff ? "FourOctetAs" : "TwoOctetAs",
    administrator,
  });
}

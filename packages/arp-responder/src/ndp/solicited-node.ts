import { type Ipv6Address, ipv6FromOctets, ipv6ToOctets } from "@herald-lb/sansio";

/** The group on which a node is solicited for `address`: ff02::1:ff and its low 24 bits. RFC 4291 §2.7.1. */
export function solicitedNodeMulticast(address: Ipv6Address): Ipv6Address {
  const group = new Uint8Array(16);
  group.set([0xff, 0x02]);
  group.set([0x01, 0xff], 11);
  group.set(ipv6ToOctets(address).subarray(13), 13);
  return ipv6FromOctets(group);
}

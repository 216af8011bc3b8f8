import type { Ipv6Address, MacAddress } from "@herald-lb/sansio";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import { encodeIpv6, ICMPV6 } from "./ipv6-header.ts";
import { encodeNdp } from "./message.ts";

/** The link-local all-nodes group. RFC 4291 §2.7.1. */
export const ALL_NODES: Ipv6Address = "ff02::1" as Ipv6Address;

/**
 * A Neighbor Advertisement for `targetAddress` as an Ethernet frame, sent from the address it speaks for. Override is set, since an
 * announced address is neither anycast nor proxied (RFC 4861 §7.2.4) and a moved one must replace the entry; Router is not, since it
 * would make hosts take the node for a router.
 */
export function advertisementFrame(
  targetAddress: Ipv6Address,
  from: MacAddress,
  to: { readonly address: Ipv6Address; readonly hardwareAddress: MacAddress },
  { solicited }: { readonly solicited: boolean },
): Uint8Array {
  const addresses = { source: targetAddress, destination: to.address };
  const message = encodeNdp(addresses, {
    type: "NeighborAdvertisement",
    router: false,
    solicited,
    override: true,
    reserved: 0,
    targetAddress,
    options: [{ type: "TargetLinkLayerAddress", address: from }],
  });
  const header = { trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 255, ...addresses };
  return encodeEthernet({
    destination: to.hardwareAddress,
    source: from,
    etherType: EtherType.Ipv6,
    payload: encodeIpv6(header, message),
  });
}

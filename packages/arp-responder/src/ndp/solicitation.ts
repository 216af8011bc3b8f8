import { type Ipv6Address, ipv6ToOctets, type MacAddress, macFromOctets } from "@herald-lb/sansio";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import { encodeIpv6, ICMPV6 } from "./ipv6-header.ts";
import { encodeNdp } from "./message.ts";
import { solicitedNodeMulticast } from "./solicited-node.ts";

const UNSPECIFIED = "::" as Ipv6Address;

/**
 * A Neighbor Solicitation that asks whether another node has `targetAddress`, as an Ethernet frame: from the unspecified address, without a source link-layer
 * address (RFC 4862 §5.4.2), with a nonce of 6 octets (RFC 7527 §4.1).
 */
export function duplicateAddressDetectionFrame(
  targetAddress: Ipv6Address,
  from: MacAddress,
  nonce: Uint8Array,
): Uint8Array {
  const group = solicitedNodeMulticast(targetAddress);
  const addresses = { source: UNSPECIFIED, destination: group };
  const message = encodeNdp(addresses, {
    type: "NeighborSolicitation",
    reserved: 0,
    targetAddress,
    options: [{ type: "Nonce", value: nonce }],
  });
  return encodeEthernet({
    destination: multicastHardwareAddress(group),
    source: from,
    etherType: EtherType.Ipv6,
    payload: packetOf(addresses, message),
  });
}

/**
 * A Neighbor Solicitation of `sender` for `targetAddress` as an Ethernet frame from one station to another: to the target itself, with the sender's
 * link-layer address as an option. RFC 4861 §4.3.
 */
export function solicitationFrame(
  targetAddress: Ipv6Address,
  sender: { readonly address: Ipv6Address; readonly hardwareAddress: MacAddress },
  { source, destination }: { readonly source: MacAddress; readonly destination: MacAddress },
): Uint8Array {
  const addresses = { source: sender.address, destination: targetAddress };
  const message = encodeNdp(addresses, {
    type: "NeighborSolicitation",
    reserved: 0,
    targetAddress,
    options: [{ type: "SourceLinkLayerAddress", address: sender.hardwareAddress }],
  });
  return encodeEthernet({ destination, source, etherType: EtherType.Ipv6, payload: packetOf(addresses, message) });
}

/** A message in an IPv6 packet that no router has forwarded. RFC 4861 §7.1.1. */
function packetOf(
  addresses: { readonly source: Ipv6Address; readonly destination: Ipv6Address },
  message: Uint8Array,
): Uint8Array {
  return encodeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 255, ...addresses }, message);
}

/** RFC 2464 §7: 33:33 and the last four octets of the group. */
function multicastHardwareAddress(group: Ipv6Address): MacAddress {
  return macFromOctets(Uint8Array.of(0x33, 0x33, ...ipv6ToOctets(group).subarray(12)));
}

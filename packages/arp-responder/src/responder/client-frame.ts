import {
  ipv4FromNumber,
  type Ipv6Address,
  ipv6FromOctets,
  isIpv6,
  type MacAddress,
  macFromOctets,
} from "@herald-lb/sansio";
import { encodeArp, Operation } from "../arp/packet.ts";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import { advertisementFrame } from "../ndp/advertisement.ts";
import { solicitationFrame } from "../ndp/solicitation.ts";
import type { Client } from "./client-table.ts";

const NO_STATION = "00:00:00:00:00:00" as MacAddress;

/**
 * The frames by which a client is told, alone, that an address has the hardware address `from`: an unsolicited Neighbor Advertisement with Override (RFC 4861 §7.2.6); or
 * an ARP Announcement, since Linux takes no reply for a second after the last one, and a reply, since other stacks heed nothing else.
 */
export function tellingFrames({ address, client, hardwareAddress }: Client, from: MacAddress): readonly Uint8Array[] {
  const destination = macOfNumber(hardwareAddress);
  if (isIpv6(address)) {
    const to = { address: ipv6OfKey(String(client)), hardwareAddress: destination };
    return [advertisementFrame(address, from, to, { solicited: false })];
  }
  const sender = { senderHardwareAddress: from, senderProtocolAddress: address };
  const packets = [
    { operation: Operation.Request, ...sender, targetHardwareAddress: NO_STATION, targetProtocolAddress: address },
    {
      operation: Operation.Reply,
      ...sender,
      targetHardwareAddress: destination,
      targetProtocolAddress: ipv4FromNumber(Number(client)),
    },
  ];
  return packets.map((packet) =>
    encodeEthernet({ destination, source: from, etherType: EtherType.Arp, payload: encodeArp(packet) }),
  );
}

/**
 * The frame by which another speaker learns of a client of this node: the client's own request, as it would have been sent to all, from this node's
 * hardware address `from` to that of the speaker. By the two addresses that differ in it, it is known for what it is.
 */
export function relayFrame({ address, client, hardwareAddress }: Client, from: MacAddress, to: MacAddress): Uint8Array {
  const station = macOfNumber(hardwareAddress);
  if (isIpv6(address)) {
    const sender = { address: ipv6OfKey(String(client)), hardwareAddress: station };
    return solicitationFrame(address, sender, { source: from, destination: to });
  }
  const payload = encodeArp({
    operation: Operation.Request,
    senderHardwareAddress: station,
    senderProtocolAddress: ipv4FromNumber(Number(client)),
    targetHardwareAddress: NO_STATION,
    targetProtocolAddress: address,
  });
  return encodeEthernet({ destination: to, source: from, etherType: EtherType.Arp, payload });
}

/** The hardware address of a number of 48 bits. */
export function macOfNumber(number: number): MacAddress {
  const octets = new Uint8Array(6);
  let rest = number;
  for (let at = 5; at >= 0; at--) {
    octets[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return macFromOctets(octets);
}

/** The IPv6 address of an `ipv6AddressKey`. */
function ipv6OfKey(key: string): Ipv6Address {
  const octets = new Uint8Array(16);
  for (let word = 0; word < 8; word++) {
    octets[2 * word] = key.charCodeAt(word) >>> 8;
    octets[2 * word + 1] = key.charCodeAt(word);
  }
  return ipv6FromOctets(octets);
}

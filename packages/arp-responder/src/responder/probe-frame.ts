import { BROADCAST_MAC, type IpAddress, type Ipv4Address, isIpv6, type MacAddress } from "@herald-lb/sansio";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeArp, Operation } from "../arp/packet.ts";
import { EtherType, encodeEthernet } from "../ethernet.ts";
import { duplicateAddressDetectionFrame } from "../ndp/solicitation.ts";
import type { ResponderState, Tentative } from "./responder-state.ts";

const NO_HARDWARE_ADDRESS = "00:00:00:00:00:00" as MacAddress;
const NO_PROTOCOL_ADDRESS = "0.0.0.0" as Ipv4Address;
/** Octets of a nonce: the shortest option. RFC 3971 §5.3.2. */
const NONCE_LENGTH = 6;

/** The frame that asks whether another station has an address: an ARP Probe (RFC 5227 §2.1.1), or a Neighbor Solicitation of duplicate address detection (RFC 4862 §5.4.2). */
export function probeFrame(state: ResponderState, { address, nonces }: Tentative, from: MacAddress): Uint8Array {
  if (isIpv6(address)) {
    const nonce = nextNonce(state);
    nonces.add(bytesToHex(nonce));
    return duplicateAddressDetectionFrame(address, from, nonce);
  }
  return arpProbeFrame(address, from);
}

/** An ARP Probe for an address as an Ethernet frame. Its sender protocol address is zero, so that no host puts it into its ARP cache. RFC 5227 §2.1.1. */
export function arpProbeFrame(address: IpAddress & Ipv4Address, from: MacAddress): Uint8Array {
  const payload = encodeArp({
    operation: Operation.Request,
    senderHardwareAddress: from,
    senderProtocolAddress: NO_PROTOCOL_ADDRESS,
    targetHardwareAddress: NO_HARDWARE_ADDRESS,
    targetProtocolAddress: address,
  });
  return encodeEthernet({ destination: BROADCAST_MAC, source: from, etherType: EtherType.Arp, payload });
}

/** RFC 7527 §4.1: a nonce of its own for each solicitation. */
function nextNonce({ nonces }: ResponderState): Uint8Array {
  const input = new Uint8Array(nonces.seed.length + 8);
  input.set(nonces.seed);
  new DataView(input.buffer).setFloat64(nonces.seed.length, nonces.count++);
  return sha256(input).slice(0, NONCE_LENGTH);
}

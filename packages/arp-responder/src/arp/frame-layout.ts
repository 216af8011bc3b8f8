import { Operation } from "./packet.ts";

// An ARP packet for IPv4 in an untagged Ethernet frame (RFC 826, RFC 894), offsets in octets:
//   0 destination  6 source  12 EtherType  14 hardware and protocol type  18 lengths and operation
//   22 sender hardware  28 sender protocol  32 target hardware  38 target protocol  42 end

/** Offset of the Ethernet destination. */
export const DESTINATION = 0;
/** Offset of the Ethernet source. */
export const SOURCE = 6;
/** Offset of the EtherType, before the hardware type. */
export const ETHER_TYPE_AND_HARDWARE = 12;
/** Offset of the protocol type, before the two lengths. */
export const PROTOCOL_AND_LENGTHS = 16;
/** Offset of the operation. */
export const OPERATION = 20;
/** Offset of the sender hardware address. */
export const SENDER_HARDWARE = 22;
/** Offset of the sender protocol address. */
export const SENDER_PROTOCOL = 28;
/** Offset of the target hardware address. */
export const TARGET_HARDWARE = 32;
/** Offset of the target protocol address. */
export const TARGET_PROTOCOL = 38;
/** Octets of the frame without padding. */
export const FRAME_LENGTH = 42;

/** A reply from `hardwareAddress`, with zeros in the fields that depend on the request. */
export function requestReplyTemplate(hardwareAddress: Uint8Array): Uint8Array {
  const reply = new Uint8Array(FRAME_LENGTH);
  reply.set(hardwareAddress, SOURCE);
  reply.set([0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, Operation.Reply], ETHER_TYPE_AND_HARDWARE);
  reply.set(hardwareAddress, SENDER_HARDWARE);
  return reply;
}

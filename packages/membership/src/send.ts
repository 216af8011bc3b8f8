import { queueBroadcast, selectBroadcasts } from "./broadcast-queue.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { drawOctets } from "./random.ts";
import { retransmitLimit } from "./timing.ts";
import { type Transaction, wire } from "./transaction.ts";
import { COMPOUND_HEADER, COMPOUND_PART, encodeCompound } from "./wire/compound.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { encodePacket, packetOverhead } from "./wire/packet.ts";

/** A node that speaks this protocol version can check a checksum. */
const PROTOCOL_WITH_CRC = 5;

/** Sends a message with as many broadcasts as fit beside it. */
export function sendTo(transaction: Transaction, to: TransportAddress, message: Message): void {
  const octets = encodeMessage(message);
  const room = roomForBroadcasts(transaction) - octets.length - COMPOUND_PART;
  const broadcasts = takeBroadcasts(transaction, room);
  sendOctets(transaction, to, broadcasts.length === 0 ? octets : encodeCompound([octets, ...broadcasts]), false);
}

/** Sends one message and nothing else, in one packet. */
export function sendDirectly(transaction: Transaction, member: Member, message: Message): void {
  sendOctets(transaction, member, encodeMessage(message), checksCrc(member));
}

/** Sends these messages and nothing else, in one packet. */
export function sendCompound(transaction: Transaction, member: Member, messages: readonly Message[]): void {
  sendOctets(transaction, member, encodeCompound(messages.map(encodeMessage)), checksCrc(member));
}

/** Sends a packet of broadcasts to a member; false where none is queued. */
export function sendBroadcasts(transaction: Transaction, member: Member): boolean {
  const broadcasts = takeBroadcasts(transaction, roomForBroadcasts(transaction));
  const [first] = broadcasts;
  if (first === undefined) return false;
  sendOctets(transaction, member, broadcasts.length === 1 ? first : encodeCompound(broadcasts), checksCrc(member));
  return true;
}

/** Lets the cluster know; what was still to be told of the same node is overtaken. */
export function broadcast(transaction: Transaction, node: NodeName, message: Message): void {
  transaction.broadcastCount++;
  const octets = encodeMessage(message);
  transaction.broadcasts = queueBroadcast(transaction.broadcasts, {
    node,
    octets,
    transmits: 0,
    order: transaction.broadcastCount,
  });
}

function roomForBroadcasts(transaction: Transaction): number {
  return transaction.setup.packetSize - packetOverhead(wire(transaction)) - COMPOUND_HEADER;
}

function takeBroadcasts(transaction: Transaction, room: number): readonly Uint8Array[] {
  if (transaction.broadcasts.length === 0) return [];
  const limit = retransmitLimit(transaction.setup.profile.retransmitMult, transaction.members.size);
  const { messages, queue } = selectBroadcasts(transaction.broadcasts, room, COMPOUND_PART, limit);
  transaction.broadcasts = queue;
  return messages;
}

function sendOctets(transaction: Transaction, to: TransportAddress, octets: Uint8Array, withCrc: boolean): void {
  const nonce = drawOctets(transaction).subarray(0, 12);
  const packet = encodePacket(wire(transaction), octets, withCrc, nonce);
  transaction.effects.push({ type: "SendPacket", to: { address: to.address, port: to.port }, octets: packet });
}

function checksCrc(member: Member): boolean {
  return (member.versions?.[1] ?? 0) >= PROTOCOL_WITH_CRC;
}

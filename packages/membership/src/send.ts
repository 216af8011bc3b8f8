import { queueBroadcast, selectBroadcasts } from "./broadcast-queue.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { drawOctets } from "./random.ts";
import { retransmitLimit } from "./timing.ts";
import { type Turn, wire } from "./turn.ts";
import { COMPOUND_HEADER, COMPOUND_PART, encodeCompound } from "./wire/compound.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { encodePacket, packetOverhead } from "./wire/packet.ts";

/** A node that speaks this protocol version can check a checksum. */
const PROTOCOL_WITH_CRC = 5;

/** Sends a message with as much news as fits beside it. */
export function sendMessage(turn: Turn, to: Endpoint, message: Message): void {
  const octets = encodeMessage(message);
  const room = roomForNews(turn) - octets.length - COMPOUND_PART;
  const news = takeBroadcasts(turn, room);
  sendOctets(turn, to, news.length === 0 ? octets : encodeCompound([octets, ...news]), false);
}

/** Sends these messages and nothing else, in one packet. */
export function sendTogether(turn: Turn, member: Member, messages: readonly Message[]): void {
  sendOctets(turn, member, encodeCompound(messages.map(encodeMessage)), checksCrc(member));
}

/** Sends a packet of news to a member; false where there is none left. */
export function sendNews(turn: Turn, member: Member): boolean {
  const news = takeBroadcasts(turn, roomForNews(turn));
  const [first] = news;
  if (first === undefined) return false;
  sendOctets(turn, member, news.length === 1 ? first : encodeCompound(news), checksCrc(member));
  return true;
}

/** Lets the ring know; what was still to be told of the same node is overtaken. */
export function broadcast(turn: Turn, about: NodeName, message: Message): void {
  turn.broadcastCount++;
  const octets = encodeMessage(message);
  turn.broadcasts = queueBroadcast(turn.broadcasts, { about, octets, transmits: 0, order: turn.broadcastCount });
}

function roomForNews(turn: Turn): number {
  return turn.setup.packetSize - packetOverhead(wire(turn)) - COMPOUND_HEADER;
}

function takeBroadcasts(turn: Turn, room: number): readonly Uint8Array[] {
  if (turn.broadcasts.length === 0) return [];
  const limit = retransmitLimit(turn.setup.profile.retransmitMult, turn.members.size);
  const { messages, queue } = selectBroadcasts(turn.broadcasts, room, COMPOUND_PART, limit);
  turn.broadcasts = queue;
  return messages;
}

function sendOctets(turn: Turn, to: Endpoint, octets: Uint8Array, withCrc: boolean): void {
  const nonce = drawOctets(turn).subarray(0, 12);
  const packet = encodePacket(wire(turn), octets, withCrc, nonce);
  turn.effects.push({ type: "SendPacket", to: { address: to.address, port: to.port }, octets: packet });
}

function checksCrc(member: Member): boolean {
  return (member.versions?.[1] ?? 0) >= PROTOCOL_WITH_CRC;
}

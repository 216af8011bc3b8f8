import { noteDead, noteSuspect } from "./accuse.ts";
import { aliveOurselves, noteAlive } from "./alive.ts";
import type { Endpoint } from "./endpoint.ts";
import type { NodeName } from "./node-name.ts";
import { noteAck, noteNack } from "./probe.ts";
import { answerPing, relayAck, relayPing } from "./relay.ts";
import { sendMessage } from "./send.ts";
import { reasonOf } from "./streams.ts";
import { ignore, type Turn, wire } from "./turn.ts";
import type { Message } from "./wire/message.ts";
import { decodePacket } from "./wire/packet.ts";

/** Acts on the messages of one packet. */
export function receivePacket(turn: Turn, octets: Uint8Array, from: Endpoint): void {
  const packet = decodePacket(wire(turn), octets);
  if (!packet.ok) return ignore(turn, reasonOf(packet.error), from);
  for (const error of packet.value.errors) ignore(turn, reasonOf(error), from, "what" in error ? error.what : "");
  for (const message of packet.value.messages) receiveMessage(turn, message, from);
}

function receiveMessage(turn: Turn, message: Message, from: Endpoint): void {
  switch (message.type) {
    case "ping":
      return answerPing(turn, message, from);
    case "indirectPing":
      return relayPing(turn, message, from);
    case "ackResp":
      if (!noteAck(turn, message) && !relayAck(turn, message)) ignore(turn, "UnexpectedAck", from);
      return;
    case "nackResp":
      if (!noteNack(turn, message)) ignore(turn, "UnexpectedAck", from);
      return;
    case "alive":
      return noteAlive(turn, message, from);
    case "suspect":
      noteSuspect(turn, message);
      return contradict(turn, message.node, from);
    case "dead":
      noteDead(turn, message);
      return contradict(turn, message.node, from);
    case "user":
    case "err":
      ignore(turn, message.type === "user" ? "UserMessage" : "UnknownMessageType", from);
  }
}

/**
 * Tells whoever passes on an accusation of us how things stand, besides the gossip of a refutation: it may have missed an earlier one,
 * and an accusation that is out of date is answered by nothing else.
 */
function contradict(turn: Turn, accused: NodeName, from: Endpoint): void {
  if (accused === turn.self && turn.name === "Running") sendMessage(turn, from, aliveOurselves(turn));
}

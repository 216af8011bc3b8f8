import { believeEarlyDeath } from "./early-death.ts";
import { takeDeath } from "./deferred-death.ts";
import { suspectNode } from "./suspect.ts";
import { aliveMessageOf } from "./alive-message.ts";
import { aliveNode } from "./alive.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { NodeName } from "./node-name.ts";
import { handleAck, handleNack } from "./probe.ts";
import { answerPing, relayAck, relayPing } from "./relay.ts";
import { takeRevivalAck } from "./revive.ts";
import { sendTo } from "./send.ts";
import { reasonOf } from "./streams.ts";
import { ignore, ownMember, type Transaction, wire } from "./transaction.ts";
import { receiveReport } from "./agreement.ts";
import { answerQuery } from "./confirmation.ts";
import { receiveNodeData, receiveNodeDataAck } from "./node-data.ts";
import { unreachable } from "@herald-lb/sansio";
import { decodeHeraldMessage } from "./wire/herald-message.ts";
import { takeLossCheckAck } from "./watcher-sessions.ts";
import type { Message } from "./wire/message.ts";
import { decodePacket } from "./wire/packet.ts";

/** Acts on the messages of one packet. */
export function receivePacket(transaction: Transaction, octets: Uint8Array, from: TransportAddress): void {
  const packet = decodePacket(wire(transaction), octets);
  if (!packet.ok) return ignore(transaction, reasonOf(packet.error), from);
  for (const error of packet.value.errors)
    ignore(transaction, reasonOf(error), from, "what" in error ? error.what : "");
  for (const message of packet.value.messages) receiveMessage(transaction, message, from);
}

function receiveMessage(transaction: Transaction, message: Message, from: TransportAddress): void {
  switch (message.type) {
    case "ping":
      return answerPing(transaction, message, from);
    case "indirectPing":
      return relayPing(transaction, message, from);
    case "ackResp":
      if (
        !handleAck(transaction, message) &&
        !relayAck(transaction, message) &&
        !takeLossCheckAck(transaction, message.seqNo) &&
        !takeRevivalAck(transaction, message.seqNo)
      )
        ignore(transaction, "UnexpectedAck", from);
      return;
    case "nackResp":
      if (!handleNack(transaction, message)) ignore(transaction, "UnexpectedAck", from);
      return;
    case "alive":
      aliveNode(transaction, message, from);
      return believeEarlyDeath(transaction, message.node);
    case "suspect":
      suspectNode(transaction, message);
      return replyAlive(transaction, message.node, from);
    case "dead":
      takeDeath(transaction, message);
      return replyAlive(transaction, message.node, from);
    case "user":
      return receiveUserMessage(transaction, message.payload, from);
    case "err":
      ignore(transaction, "UnknownMessageType", from);
  }
}

/** Takes a message of another speaker of Herald; those of other applications are ignored. */
function receiveUserMessage(transaction: Transaction, payload: Uint8Array, from: TransportAddress): void {
  const decoded = decodeHeraldMessage(payload);
  if (!decoded.ok) return ignore(transaction, reasonOf(decoded.error), from);
  const message = decoded.value;
  if (message === null) return ignore(transaction, "UserMessage", from);
  switch (message.type) {
    case "WatcherReport":
      return receiveReport(transaction, message, from);
    case "MemberQuery":
      return answerQuery(transaction, message.node, from);
    case "NodeData":
      return receiveNodeData(transaction, message, from);
    case "NodeDataAck":
      return receiveNodeDataAck(transaction, message, from);
    default:
      return unreachable(message);
  }
}

/**
 * Sends the alive message of this node to a node that passes on a suspicion of it, besides the gossip of the refutation: that node may have missed an earlier one,
 * and nothing else answers a suspicion that is out of date.
 */
function replyAlive(transaction: Transaction, node: NodeName, from: TransportAddress): void {
  if (node === transaction.self && transaction.name === "Running")
    sendTo(transaction, from, aliveMessageOf(ownMember(transaction)));
}

import { instant } from "@herald-lb/sansio";
import { isUp, type Member } from "./member.ts";
import { type NodeDataPeer, unknownPeer } from "./node-data-state.ts";
import type { NodeName } from "./node-name.ts";
import { drawBelow } from "./random.ts";
import { sendDirectly } from "./send.ts";
import { ignore, type Transaction } from "./transaction.ts";
import type { TransportAddress } from "./transport-address.ts";
import { concatenated } from "./wire/stream.ts";
import { encodeHeraldMessage, type HeraldMessage, type NodeData, type NodeDataAck } from "./wire/herald-message.ts";

// Each node has one string of octets that every other member gets, in parts that fit into a datagram. A member acknowledges a version; what it has
// not acknowledged is sent again. A node with data greets a member that joins by an acknowledgement of version 0; the member's own shows that it
// takes data. A node without data sends nothing by itself.

/** The octets of a part: a packet of 1,400 octets holds one with its names and its encryption. */
const PART_SIZE = 1_000;
/** The parts of one node's data at most. */
const MAX_PARTS = 64;
/** The octets of all other nodes' data together at most, the parts of unfinished data among them. */
const MAX_TOTAL = 8 * 1024 * 1024;
/** The pause before what a member has not acknowledged is sent again, in milliseconds. It doubles each time: a busy member must not be sent more for it. */
const RESEND_INTERVAL = 200;
const LONGEST_RESEND_INTERVAL = 3_200;

/** The longest data of a node, in octets. */
export const MAX_NODE_DATA: number = PART_SIZE * MAX_PARTS;

/** Replaces this node's data, and sends it to every member that takes it. Longer data than `MAX_NODE_DATA` is a fault of the host. */
export function setNodeData(transaction: Transaction, octets: Uint8Array): void {
  if (octets.length > MAX_NODE_DATA) throw new Error(`node data of ${octets.length} octets`);
  const { nodeData } = transaction;
  const isFirst = nodeData.own === null;
  // A random start: a version of an earlier run must not look like one of this run.
  const version = isFirst ? 1 + drawBelow(transaction, 0x4000_0000) : nodeData.own.version + 1;
  transaction.nodeData = { ...nodeData, own: { version, octets: octets.slice() } };
  if (transaction.name !== "Running") return;
  if (isFirst) restartReplication(transaction);
  sendUnacknowledged(transaction);
}

/** Follows the members after a step: greets those that joined, forgets those that went. */
export function followMembers(transaction: Transaction): void {
  const { members, before, self, nodeData } = transaction;
  if (members === before || transaction.name !== "Running") return;
  for (const member of members.values()) {
    const earlier = before.get(member.name);
    if (member === earlier || member.name === self) continue;
    const wasUp = earlier !== undefined && isUp(earlier);
    if (isUp(member) && !wasUp && nodeData.own !== null) greet(transaction, member);
    else if (!isUp(member) && wasUp) forget(transaction, member.name);
  }
  planResend(transaction);
}

/** Begins anew with every member: those that took this node for dead have forgotten it, and have told it nothing since. */
export function restartReplication(transaction: Transaction): void {
  const { nodeData, members, self } = transaction;
  if (nodeData.own === null) return;
  transaction.nodeData = { ...nodeData, peers: new Map() };
  for (const member of members.values()) if (isUp(member) && member.name !== self) greet(transaction, member);
  planResend(transaction);
}

/** Sends again what the members have not acknowledged. */
export function resendNodeData(transaction: Transaction): void {
  const { nodeData } = transaction;
  transaction.nodeData = { ...nodeData, resends: nodeData.resends + 1 };
  for (const [name, peer] of transaction.nodeData.peers) {
    const member = transaction.members.get(name);
    if (member !== undefined && !peer.speaks && peer.greetings > 0) greet(transaction, member);
  }
  sendUnacknowledged(transaction);
}

/** Takes a part of another member's data. */
export function receiveNodeData(transaction: Transaction, data: NodeData, from: TransportAddress): void {
  const { node, version, part, parts, octets } = data;
  const peer = peerOf(transaction, node, from);
  if (peer === null) return;
  const isSound = version > 0 && part < parts && parts <= MAX_PARTS && octets.length <= PART_SIZE;
  if (!isSound) return ignore(transaction, "UnexpectedNodeData", from, node);
  const isNew = !peer.speaks;
  const speaking = { ...peer, speaks: true };
  if (version === peer.version) {
    setPeer(transaction, node, speaking);
    acknowledge(transaction, node, version);
  } else {
    if (heldOctets(transaction) + octets.length > MAX_TOTAL)
      return ignore(transaction, "UnexpectedNodeData", from, `${node}: more than ${MAX_TOTAL} octets in all`);
    const arriving = peer.arriving?.version === version && peer.arriving.count === parts ? peer.arriving.parts : [];
    // A copy: the packet behind it is the host's.
    const all = new Map(arriving).set(part, octets.slice());
    setPeer(transaction, node, { ...speaking, arriving: { version, parts: all, count: parts } });
    if (all.size === parts) complete(transaction, node);
  }
  if (isNew) sendOwed(transaction, node);
}

/** Takes a member's word of which version of this node's data it has. */
export function receiveNodeDataAck(
  transaction: Transaction,
  { node, version }: NodeDataAck,
  from: TransportAddress,
): void {
  const peer = peerOf(transaction, node, from);
  if (peer === null) return;
  setPeer(transaction, node, { ...peer, speaks: true, acknowledged: version });
  // A greeting is answered once, so that the member sends its data.
  if (!peer.speaks && version === 0) acknowledge(transaction, node, peer.version);
  if (version === 0) sendOwed(transaction, node);
  planResend(transaction);
}

function complete(transaction: Transaction, node: NodeName): void {
  const peer = transaction.nodeData.peers.get(node);
  if (peer === undefined || peer.arriving === null) return;
  const { version, parts, count } = peer.arriving;
  const octets = concatenated(Array.from({ length: count }, (_, part) => parts.get(part) ?? new Uint8Array()));
  setPeer(transaction, node, { ...peer, version, length: octets.length, arriving: null });
  acknowledge(transaction, node, version);
  transaction.effects.push({ type: "NodeDataChanged", node, octets });
}

/** The octets of all members' data, the parts that have arrived among them. */
function heldOctets({ nodeData }: Transaction): number {
  let held = 0;
  for (const { length, arriving } of nodeData.peers.values())
    held += length + (arriving === null ? 0 : arriving.parts.size * PART_SIZE);
  return held;
}

/** The sender's record; null, and counted, where a message is not its sender's own. */
function peerOf(transaction: Transaction, node: NodeName, from: TransportAddress): NodeDataPeer | null {
  const { members, self, nodeData } = transaction;
  const member = members.get(node);
  const isSender = member !== undefined && member.address === from.address && node !== self && isUp(member);
  if (isSender) return nodeData.peers.get(node) ?? unknownPeer;
  ignore(transaction, "UnexpectedNodeData", from, node);
  return null;
}

function greet(transaction: Transaction, { name }: Member): void {
  const peer = transaction.nodeData.peers.get(name) ?? unknownPeer;
  setPeer(transaction, name, { ...peer, greetings: peer.greetings - 1 });
  acknowledge(transaction, name, peer.version);
}

function acknowledge(transaction: Transaction, node: NodeName, version: number): void {
  send(transaction, node, { type: "NodeDataAck", node: transaction.self, version });
}

function sendUnacknowledged(transaction: Transaction): void {
  for (const name of transaction.nodeData.peers.keys()) sendOwed(transaction, name);
  transaction.nodeData = { ...transaction.nodeData, resendAt: null };
  planResend(transaction);
}

/** Sends this node's data to one member that has not acknowledged it. */
function sendOwed(transaction: Transaction, name: NodeName): void {
  const { own, peers } = transaction.nodeData;
  const peer = peers.get(name);
  if (own === null || peer === undefined || !isOwed(peer, own.version)) return;
  sendParts(transaction, name, own);
}

function sendParts(
  transaction: Transaction,
  to: NodeName,
  { version, octets }: { readonly version: number; readonly octets: Uint8Array },
): void {
  const parts = Math.max(1, Math.ceil(octets.length / PART_SIZE));
  for (let part = 0; part < parts; part++) {
    const piece = octets.subarray(part * PART_SIZE, (part + 1) * PART_SIZE);
    send(transaction, to, { type: "NodeData", node: transaction.self, version, part, parts, octets: piece });
  }
}

function send(transaction: Transaction, to: NodeName, message: HeraldMessage): void {
  const member = transaction.members.get(to);
  if (member !== undefined) sendDirectly(transaction, member, { type: "user", payload: encodeHeraldMessage(message) });
}

function planResend(transaction: Transaction): void {
  const { own, peers, resendAt: before, resends } = transaction.nodeData;
  const isPending =
    own !== null &&
    [...peers.values()].some((peer) => isOwed(peer, own.version) || (!peer.speaks && peer.greetings > 0));
  if (!isPending) {
    transaction.nodeData = { ...transaction.nodeData, resendAt: null, resends: 0 };
    return;
  }
  const interval = Math.min(RESEND_INTERVAL * 2 ** resends, LONGEST_RESEND_INTERVAL);
  transaction.nodeData = { ...transaction.nodeData, resendAt: before ?? instant(transaction.now + interval) };
}

function isOwed({ speaks, acknowledged }: NodeDataPeer, version: number): boolean {
  return speaks && acknowledged !== version;
}

function setPeer(transaction: Transaction, name: NodeName, peer: NodeDataPeer): void {
  const peers = new Map(transaction.nodeData.peers).set(name, peer);
  transaction.nodeData = { ...transaction.nodeData, peers };
}

function forget(transaction: Transaction, name: NodeName): void {
  const peers = new Map(transaction.nodeData.peers);
  if (peers.delete(name)) transaction.nodeData = { ...transaction.nodeData, peers };
}

import { octetsOf } from "@herald-lb/sansio";
import { believeEarlyDeath } from "./early-death.ts";
import { deadNode, suspectNode } from "./suspect.ts";
import { aliveNode, versionsOf } from "./alive.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { MemberState } from "./member.ts";
import { incompatibleNode, type NodeVersions } from "./verify-protocol.ts";
import { ignore, type Transaction } from "./transaction.ts";
import type { PushNodeState, PushPull } from "./wire/stream.ts";

/** The states in the order of their numbers on the wire. */
const states: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** Our whole view, as a push/pull tells it. */
export function pushPullOf(transaction: Transaction, join: boolean): PushPull {
  const nodes = [...transaction.members.values()].map(
    (member): PushNodeState => ({
      name: member.name,
      addr: octetsOf(member.address),
      port: member.port,
      meta: member.meta,
      incarnation: member.incarnation,
      state: states.indexOf(member.state),
      vsn: member.versions === null ? null : Uint8Array.from(member.versions),
    }),
  );
  return { type: "pushPull", join, nodes, userState: new Uint8Array() };
}

/**
 * Merges another member's state into ours, unless a node in either has a version that not all support. A node that the other calls dead becomes
 * suspect here: that node may know better.
 */
export function mergeState(transaction: Transaction, { nodes }: PushPull, from: TransportAddress): boolean {
  const incompatible = incompatibleNode([...versionsOfNodes(nodes), ...ownVersions(transaction)]);
  if (incompatible !== null) {
    ignore(transaction, "ProtocolMismatch", from, incompatible);
    return false;
  }
  for (const node of nodes) {
    const { name, incarnation } = node;
    switch (states[node.state]) {
      case "alive":
        aliveNode(transaction, { ...node, node: name }, from);
        believeEarlyDeath(transaction, name);
        break;
      case "left":
        deadNode(transaction, { incarnation, node: name, from: name });
        break;
      case "dead":
      case "suspect":
        suspectNode(transaction, { incarnation, node: name, from: transaction.self });
        break;
      case undefined:
        ignore(transaction, "Malformed", from, name);
    }
  }
  return true;
}

function versionsOfNodes(nodes: readonly PushNodeState[]): NodeVersions[] {
  return nodes.map(({ name, state, vsn }) => ({
    name,
    alive: state === 0,
    versions: versionsOf(vsn) ?? [0, 0, 0, 0, 0, 0],
  }));
}

function ownVersions(transaction: Transaction): NodeVersions[] {
  return [...transaction.members.values()].map(({ name, state, versions }) => ({
    name,
    alive: state === "alive",
    versions: versions ?? [0, 0, 0, 0, 0, 0],
  }));
}

import { anySelectorMatches } from "@herald-lb/k8s-glue/objects";
import type { BgpPeerConfiguration } from "../config/configuration.ts";
import type { BgpSession } from "../crd/bgp-session.ts";
import { type PrefixLimitState, prefixLimitOf } from "./prefix-limit.ts";
import type { LabelledNode } from "./programmed.ts";
import type { SpeakerSessions } from "./speaker-sessions.ts";
import type { WantedCondition } from "./transition.ts";

/** A Node as far as sessions are concerned. */
export interface SessionNode extends LabelledNode {
  /** False while the control plane has lost the node (its condition Ready is Unknown): its last report may not hold any more. */
  readonly isReachable: boolean;
}

/** The sessions of all nodes with one BGPPeer. */
export interface EstablishedState {
  readonly status: "True" | "False" | "Unknown";
  /** The reason of the condition, one word. */
  readonly reason: string;
  /** Text for users: the counts, then the nodes without a session with the cause. Of bounded length. */
  readonly message: string;
  /** The prefixes held against `spec.maxPrefixesSent`; absent without that field. */
  readonly prefixLimit?: PrefixLimitState;
  /** The numbers of nodes that have the session, and that the BGPPeer selects; null for a BGPPeer that is not accepted. */
  readonly nodes: { readonly established: number; readonly selected: number } | null;
}

/** The maximum number of nodes that a message names for one cause, and of causes; of more, the number of nodes is given. */
const MOST_NODES = 3;
const MOST_CAUSES = 3;
/** The longest text of one cause. */
const LONGEST_CAUSE = 1_000;

/**
 * Aggregates the reports of all speakers on one BGPPeer. Only Nodes that exist count, so that a speaker that is gone with its Node
 * does not; while no Nodes are known (the list is empty), those that report do. `peer` is undefined for one that is not accepted.
 */
export function establishedOf(
  peer: JudgedPeer | undefined,
  nodes: readonly SessionNode[],
  speakers: SpeakerSessions,
): EstablishedState {
  const established = sessionsOf(peer, nodes, speakers);
  const { name = "", maxPrefixesSent = null } = peer ?? {};
  if (maxPrefixesSent === null) return established;
  const known = nodes.length === 0 ? null : new Set(nodes.map((node) => node.name));
  return { ...established, prefixLimit: prefixLimitOf(name, maxPrefixesSent, known, speakers) };
}

type JudgedPeer = Pick<BgpPeerConfiguration, "name" | "nodeSelectors"> &
  Partial<Pick<BgpPeerConfiguration, "maxPrefixesSent">>;

function sessionsOf(
  peer: JudgedPeer | undefined,
  nodes: readonly SessionNode[],
  speakers: SpeakerSessions,
): EstablishedState {
  if (peer === undefined) return { status: "Unknown", reason: "NotAccepted", message: "", nodes: null };
  const { name, nodeSelectors } = peer;
  const sessions =
    nodes.length === 0
      ? reportedSessions(name, speakers)
      : nodes
          .filter(({ labels }) => nodeSelectors === null || anySelectorMatches(nodeSelectors, labels))
          .map((node): NodeSession => [node.name, sessionOn(node, name, speakers)]);
  const failed = sessions.filter(([, { reason }]) => reason !== undefined);
  const counts = { established: sessions.length - failed.length, selected: sessions.length };
  if (sessions.length === 0) {
    const [reason, message] =
      nodes.length === 0
        ? ["NotReported", "no speaker has reported a session"]
        : ["NoNodeSelected", "no Node matches nodeSelectors"];
    return { status: "Unknown", reason, message, nodes: counts };
  }
  const summary = `${counts.established} of ${counts.selected} ${counts.selected === 1 ? "node has" : "nodes have"} the session`;
  if (failed.length === 0) {
    return { status: "True", reason: "Established", message: `${summary}${withoutBfd(sessions)}`, nodes: counts };
  }
  const reasons = new Set(failed.map(([, { reason }]) => reason));
  const [reason = ""] = reasons.size === 1 ? reasons : ["SeveralReasons"];
  const isUnknown = reason === NOT_REPORTED.reason && failed.length === sessions.length;
  return {
    status: isUnknown ? "Unknown" : "False",
    reason,
    message: `${summary}. ${causesText(failed)}${withoutBfd(sessions)}`,
    nodes: counts,
  };
}

/** The condition that shows it. */
export function establishedCondition(
  { status, reason, message }: EstablishedState,
  observedGeneration: number,
): WantedCondition {
  return { type: "Established", status, reason, message, observedGeneration };
}

/** A session without `reason` is established. `state` is empty where the session is not reported. */
type NodeSession = readonly [node: string, session: Omit<BgpSession, "peer">];

const NOT_REPORTED = { state: "", reason: "NotReported", message: "no speaker on the node has reported the session" };
const UNREACHABLE = {
  state: "",
  reason: "NodeUnreachable",
  message: "the Node does not report to the control plane (its condition Ready is Unknown)",
};

function sessionOn({ name: node, isReachable }: SessionNode, peer: string, speakers: SpeakerSessions): NodeSession[1] {
  const session = speakers.get(node)?.find((each) => each.peer === peer);
  if (!isReachable) return UNREACHABLE;
  return session === undefined ? NOT_REPORTED : judged(session);
}

function reportedSessions(peer: string, speakers: SpeakerSessions): readonly NodeSession[] {
  return [...speakers].flatMap(([node, sessions]): readonly NodeSession[] => {
    const session = sessions.find((each) => each.peer === peer);
    return session === undefined ? [] : [[node, judged(session)]];
  });
}

function judged({ state, reason = "NoSession", message = "", bfd }: BgpSession): NodeSession[1] {
  const facts = bfd === undefined ? { state } : { state, bfd };
  return state === "Established" ? facts : { ...facts, reason, message };
}

/** The nodes whose session stands without the BFD session that should watch it; empty for none. */
function withoutBfd(sessions: readonly NodeSession[]): string {
  const bare = sessions.filter(([, { state, bfd }]) => state === "Established" && bfd !== undefined && bfd !== "Up");
  if (bare.length === 0) return "";
  const taken = bare.every(([, { bfd }]) => bfd === "AdminDown");
  const state = taken ? "is taken down on purpose" : "is not up";
  const sorted = bare.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `. BFD ${state} on ${nodesText(sorted)}: until it is, only the Hold Time finds a loss there`;
}

/** The nodes by cause, the most frequent first. The order of the reports does not matter. */
function causesText(failed: readonly NodeSession[]): string {
  const sorted = failed.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const groups = [...Map.groupBy(sorted, ([, session]) => causeText(session))];
  const byFrequency = groups.toSorted(([, a], [, b]) => b.length - a.length);
  const told = byFrequency.slice(0, MOST_CAUSES).map(([cause, each]) => `${nodesText(each)}: ${cause}`);
  const others = byFrequency.slice(MOST_CAUSES).reduce((count, [, each]) => count + each.length, 0);
  if (others > 0) told.push(`${others} more ${others === 1 ? "node" : "nodes"} for other reasons`);
  return told.join("; ");
}

function causeText({ state, message = "" }: NodeSession[1]): string {
  return `${state === "" ? "" : `${state}, `}${message}`.slice(0, LONGEST_CAUSE);
}

function nodesText(sessions: readonly NodeSession[]): string {
  const named = sessions.slice(0, MOST_NODES).map(([node]) => node);
  const more = sessions.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more ${more === 1 ? "node" : "nodes"}` : ""}`;
}

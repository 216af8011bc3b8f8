import type { SpeakerSessions } from "./speaker-sessions.ts";
import type { WantedCondition } from "./transition.ts";

/** The number of prefixes that nodes announce to one BGPPeer, held against what it takes. */
export interface PrefixLimitState {
  readonly status: "True" | "False";
  /** One word. */
  readonly reason: "WithinLimit" | "NearLimit" | "OverLimit";
  /** Text for users; empty where the reason says all. */
  readonly message: string;
}

/** The maximum number of nodes that a message names; of more, their number is given. */
const MOST_NODES = 3;

/** Holds the reports of the speakers on `nodes` against the limit of a BGPPeer; null stands for every node that reports. */
export function prefixLimitOf(
  peer: string,
  limit: number,
  nodes: ReadonlySet<string> | null,
  speakers: SpeakerSessions,
): PrefixLimitState {
  const at = (level: "NearLimit" | "OverLimit"): readonly string[] =>
    [...speakers]
      .filter(([node, sessions]) => {
        const isThere = nodes === null || nodes.has(node);
        return isThere && sessions.some((each) => each.peer === peer && each.prefixes === level);
      })
      .map(([node]) => node)
      .toSorted();
  const over = at("OverLimit");
  if (over.length > 0) {
    const message = `${nodesText(over)} more than the ${limit} prefixes of spec.maxPrefixesSent: the peer may close the session; let fewer Services be announced to it, aggregate them, or raise the limit of the peer`;
    return { status: "False", reason: "OverLimit", message };
  }
  const near = at("NearLimit");
  if (near.length === 0) return { status: "True", reason: "WithinLimit", message: "" };
  const message = `${nodesText(near)} three quarters or more of the ${limit} prefixes of spec.maxPrefixesSent: beyond them the peer closes the session`;
  return { status: "False", reason: "NearLimit", message };
}

/** The condition that shows it. */
export function prefixLimitCondition(
  { status, reason, message }: PrefixLimitState,
  observedGeneration: number,
): WantedCondition {
  return { type: "WithinMaxPrefixes", status, reason, message, observedGeneration };
}

function nodesText(nodes: readonly string[]): string {
  const named = nodes.slice(0, MOST_NODES).join(", ");
  const more = nodes.length - MOST_NODES;
  const others = more > 0 ? ` and ${more} more ${more === 1 ? "node" : "nodes"}` : "";
  return `${named}${others} ${nodes.length === 1 ? "announces" : "announce"}`;
}

import {
  type ElectionFacts,
  type LossSimulation,
  simulateLoss,
  type SimulatedRedivision,
  type SimulatedTakeover,
} from "@herald-lb/arp-responder";
import type { ObjectKey } from "@herald-lb/k8s-glue/objects";
import { announcementRequestsOf, serviceOfRequest } from "./announcement-requests.ts";
import type { L2Announcement } from "./announcements.ts";

/** Addresses of a Service that another node announces after the loss. */
export interface ServiceTakeover extends SimulatedTakeover {
  readonly service: ObjectKey;
}

/** Addresses of a Service that several nodes serve, fewer after the loss. */
export interface ServiceRedivision extends SimulatedRedivision {
  readonly service: ObjectKey;
}

/** The consequences of a loss of nodes for Services. */
export interface NodesDownSimulation extends Pick<LossSimulation, "loads"> {
  /** In the order of the announcements. */
  readonly takeovers: readonly ServiceTakeover[];
  /** In the order of the announcements. */
  readonly redivisions: readonly ServiceRedivision[];
}

/**
 * Finds who takes over what when these nodes go down, and what each node answers for before and after. `announcements` must be those of all Services of
 * the cluster, as they are before. A Service whose policy is `Local` loses its endpoints with their nodes only later, when Kubernetes says so.
 */
export function simulateNodesDown(
  announcements: readonly L2Announcement[],
  facts: ElectionFacts,
  down: Iterable<string>,
): NodesDownSimulation {
  const requests = announcements.flatMap(announcementRequestsOf);
  const { takeovers, redivisions, loads } = simulateLoss(requests, facts, new Set(down));
  const named = <Change extends { readonly key: string }>(each: Change): Change & { readonly service: ObjectKey } => ({
    ...each,
    service: serviceOfRequest(each.key),
  });
  return { takeovers: takeovers.map(named), redivisions: redivisions.map(named), loads };
}

/** A simulation as lines of text for people. */
export function formatSimulation({ takeovers, redivisions, loads }: NodesDownSimulation): string {
  const moves = takeovers.map(
    ({ service, addresses, from, to, reason }) =>
      `  ${service} ${addresses.join(", ")}: ${from ?? "nobody"} -> ${to ?? "nobody"}${reason === "Spread" ? ", for the spread" : ""}`,
  );
  const divided = redivisions.map(
    ({ service, addresses, lost, left }) =>
      `  ${service} ${addresses.join(", ")}: clients of ${lost.join(", ")} -> ${left.length === 0 ? "nobody" : left.join(", ")}`,
  );
  const changes = loads.map(({ node, before, after }) => `  ${node}: ${before} -> ${after}`);
  const moved = divided.length === 0 ? [] : [`clients divided anew: ${divided.length}`, ...divided];
  return [`takeovers: ${takeovers.length}`, ...moves, ...moved, "addresses of each node:", ...changes].join("\n");
}

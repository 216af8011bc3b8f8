import {
  type ElectionFacts,
  type LossSimulation,
  simulateLoss,
  type SimulatedTakeover,
} from "@herald-lb/arp-responder";
import type { ObjectKey } from "@herald-lb/k8s-glue/objects";
import { announcementRequestsOf, serviceOfRequest } from "./announcement-requests.ts";
import type { L2Announcement } from "./announcements.ts";

/** Addresses of a Service that another node announces after the loss. */
export interface ServiceTakeover extends SimulatedTakeover {
  readonly service: ObjectKey;
}

/** The consequences of a loss of nodes for Services. */
export interface NodesDownSimulation extends Pick<LossSimulation, "loads"> {
  /** In the order of the announcements. */
  readonly takeovers: readonly ServiceTakeover[];
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
  const { takeovers, loads } = simulateLoss(requests, facts, new Set(down));
  return { takeovers: takeovers.map((each) => ({ ...each, service: serviceOfRequest(each.key) })), loads };
}

/** A simulation as lines of text for people. */
export function formatSimulation({ takeovers, loads }: NodesDownSimulation): string {
  const moves = takeovers.map(
    ({ service, addresses, from, to, reason }) =>
      `  ${service} ${addresses.join(", ")}: ${from ?? "nobody"} -> ${to ?? "nobody"}${reason === "Spread" ? ", for the spread" : ""}`,
  );
  const changes = loads.map(({ node, before, after }) => `  ${node}: ${before} -> ${after}`);
  return [`takeovers: ${takeovers.length}`, ...moves, "addresses of each node:", ...changes].join("\n");
}

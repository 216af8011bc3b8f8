import type { IpAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { type ElectionFacts, decideAsNodes, electorateFor } from "./onlooker.ts";

/** A service that has another announcer after a loss of nodes. */
export interface SimulatedTakeover {
  readonly key: string;
  readonly addresses: readonly IpAddress[];
  /** The announcer before; null for none. */
  readonly from: string | null;
  /** The announcer after; null where no candidate is left. */
  readonly to: string | null;
  /** `NodeDown`: the announcer before goes down. `Spread`: it lives, and the spread over the nodes that are left gives the service to another. */
  readonly reason: "NodeDown" | "Spread";
}

/** A service that several nodes serve, and of which a loss of nodes takes some: the others serve their clients. */
export interface SimulatedRedivision {
  readonly key: string;
  readonly addresses: readonly IpAddress[];
  /** The nodes that serve it no longer, by name. */
  readonly lost: readonly string[];
  /** The nodes that serve it afterwards, by name; empty where no candidate is left. */
  readonly left: readonly string[];
}

/** The number of addresses that a node answers for, to all clients or to its part of them. */
export interface SimulatedLoad {
  readonly node: string;
  readonly before: number;
  readonly after: number;
}

/** The consequences of a loss of nodes. */
export interface LossSimulation {
  /** The services with another announcer, in the order of the requests. */
  readonly takeovers: readonly SimulatedTakeover[];
  /** The services that several nodes serve and that lose one, in the order of the requests. */
  readonly redivisions: readonly SimulatedRedivision[];
  /** The nodes that live before the loss, by name. */
  readonly loads: readonly SimulatedLoad[];
}

/**
 * The announcers of these requests by the key of each, null for none, as every node of the cluster finds them. A request that several nodes serve
 * is not there.
 */
export function announcersOf(
  requests: readonly AnnouncementRequest[],
  facts: ElectionFacts,
): ReadonlyMap<string, string | null> {
  return outcomesOf(requests, facts).announcers;
}

interface Outcomes {
  readonly announcers: ReadonlyMap<string, string | null>;
  /** The nodes of the requests that several nodes serve, by key. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
}

function outcomesOf(requests: readonly AnnouncementRequest[], facts: ElectionFacts): Outcomes {
  const announcers = new Map<string, string | null>();
  const shared = new Map<string, readonly string[]>();
  for (const [{ request }, { node, sharing }] of decideAsNodes(requests, electorateFor(requests, facts))) {
    if (sharing !== null) shared.set(request.key, sharing.shares.nodes);
    else if (request.loadSharing !== undefined) shared.set(request.key, []);
    else announcers.set(request.key, node ?? null);
  }
  return { announcers, shared };
}

/** The outcome of a loss of nodes, all at once, once the nodes that are left have taken over. `requests` must be all requests of the cluster. */
export function simulateLoss(
  requests: readonly AnnouncementRequest[],
  facts: ElectionFacts,
  down: ReadonlySet<string>,
): LossSimulation {
  const before = outcomesOf(requests, facts);
  const announcers = new Map(
    [...before.announcers].flatMap(([key, node]) => (node === null ? [] : [[key, node] as const])),
  );
  const live = new Set([...facts.live].filter((node) => !down.has(node)));
  const after = outcomesOf(requests, { ...facts, live, announcers });
  const takeovers = requests.flatMap(({ key, addresses }): readonly SimulatedTakeover[] => {
    const [from, to] = [before.announcers.get(key) ?? null, after.announcers.get(key) ?? null];
    if (from === to) return [];
    return [{ key, addresses, from, to, reason: from !== null && live.has(from) ? "Spread" : "NodeDown" }];
  });
  const redivisions = requests.flatMap(({ key, addresses }): readonly SimulatedRedivision[] => {
    const left = after.shared.get(key) ?? [];
    const lost = (before.shared.get(key) ?? []).filter((node) => !left.includes(node));
    return lost.length === 0 ? [] : [{ key, addresses, lost, left }];
  });
  const [then, now] = [loadsOf(requests, before), loadsOf(requests, after)];
  const loads = [...facts.live]
    .toSorted()
    .map((node) => ({ node, before: then.get(node)?.size ?? 0, after: now.get(node)?.size ?? 0 }));
  return { takeovers, redivisions, loads };
}

/** The addresses that each node answers for; one that services share counts once. */
function loadsOf(
  requests: readonly AnnouncementRequest[],
  { announcers, shared }: Outcomes,
): ReadonlyMap<string, ReadonlySet<IpAddress>> {
  const loads = new Map<string, Set<IpAddress>>();
  for (const { key, addresses } of requests) {
    const announcer = announcers.get(key) ?? null;
    for (const node of shared.get(key) ?? (announcer === null ? [] : [announcer])) {
      const held = loads.get(node) ?? new Set();
      for (const address of addresses) held.add(address);
      loads.set(node, held);
    }
  }
  return loads;
}

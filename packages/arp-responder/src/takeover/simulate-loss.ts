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

/** The number of addresses that a node answers for. */
export interface SimulatedLoad {
  readonly node: string;
  readonly before: number;
  readonly after: number;
}

/** The consequences of a loss of nodes. */
export interface LossSimulation {
  /** The services with another announcer, in the order of the requests. */
  readonly takeovers: readonly SimulatedTakeover[];
  /** The nodes that live before the loss, by name. */
  readonly loads: readonly SimulatedLoad[];
}

/** The announcers of these requests by the key of each, null for none, as every node of the cluster finds them. */
export function announcersOf(
  requests: readonly AnnouncementRequest[],
  facts: ElectionFacts,
): ReadonlyMap<string, string | null> {
  const choices = decideAsNodes(requests, electorateFor(requests, facts));
  return new Map([...choices].map(([{ request }, { node }]) => [request.key, node ?? null]));
}

/** The outcome of a loss of nodes, all at once, once the nodes that are left have taken over. `requests` must be all requests of the cluster. */
export function simulateLoss(
  requests: readonly AnnouncementRequest[],
  facts: ElectionFacts,
  down: ReadonlySet<string>,
): LossSimulation {
  const before = announcersOf(requests, facts);
  const announcers = new Map([...before].flatMap(([key, node]) => (node === null ? [] : [[key, node] as const])));
  const live = new Set([...facts.live].filter((node) => !down.has(node)));
  const after = announcersOf(requests, { ...facts, live, announcers });
  const takeovers = requests.flatMap(({ key, addresses }): readonly SimulatedTakeover[] => {
    const [from, to] = [before.get(key) ?? null, after.get(key) ?? null];
    if (from === to) return [];
    return [{ key, addresses, from, to, reason: from !== null && live.has(from) ? "Spread" : "NodeDown" }];
  });
  const [then, now] = [loadsOf(requests, before), loadsOf(requests, after)];
  const loads = [...facts.live]
    .toSorted()
    .map((node) => ({ node, before: then.get(node)?.size ?? 0, after: now.get(node)?.size ?? 0 }));
  return { takeovers, loads };
}

/** The addresses that each node answers for; one that services share counts once. */
function loadsOf(
  requests: readonly AnnouncementRequest[],
  announcers: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, ReadonlySet<IpAddress>> {
  const loads = new Map<string, Set<IpAddress>>();
  for (const { key, addresses } of requests) {
    const node = announcers.get(key) ?? null;
    if (node === null) continue;
    const held = loads.get(node) ?? new Set();
    for (const address of addresses) held.add(address);
    loads.set(node, held);
  }
  return loads;
}

import type { AnnouncementRequest } from "./announcement-request.ts";
import { type Choice, chooseAnnouncers, type Electorate } from "./choice.ts";
import { createNodeNumbers } from "./node-numbers.ts";
import { type LostLinks, noLostLinks, type NodeReport, serviceDigestOf } from "./node-report.ts";
import { createElection } from "./requests.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";
import type { Election } from "./takeover-state.ts";

/** The facts of a cluster as an onlooker knows them who is none of its nodes. */
export interface ElectionFacts {
  /** The live nodes. */
  readonly live: ReadonlySet<string>;
  /** The links that are down, by node; a node that is not there has all its links. */
  readonly lostLinks: ReadonlyMap<string, LostLinks>;
  /** The subnets of the nodes' interfaces, by node, for the services that go by them. None where absent. */
  readonly subnets?: ReadonlyMap<string, readonly InterfaceSubnets[]>;
  /** The nodes that announce services now, by the key of the request: a sticky service stays with its node. */
  readonly announcers: ReadonlyMap<string, string>;
}

/** The facts of a cluster in which only the live nodes are known: no link is lost, and nothing is announced yet. */
export function factsOf(live: Iterable<string>): ElectionFacts {
  return { live: new Set(live), lostLinks: new Map(), announcers: new Map() };
}

/** The facts by which every node of the cluster decides, once all have heard each other's reports. */
export function electorateFor(requests: readonly AnnouncementRequest[], facts: ElectionFacts): Electorate {
  const owned = new Map<string, Set<string>>();
  for (const { key, sticky } of requests) {
    const announcer = facts.announcers.get(key);
    if (!sticky || announcer === undefined) continue;
    const digests = owned.get(announcer) ?? new Set();
    owned.set(announcer, digests.add(serviceDigestOf(key)));
  }
  const reports = [...facts.live].map((node): [string, NodeReport] => [
    node,
    {
      lostLinks: facts.lostLinks.get(node) ?? noLostLinks,
      owned: owned.get(node) ?? new Set(),
      subnets: facts.subnets?.get(node) ?? [],
    },
  ]);
  return {
    node: "",
    live: facts.live,
    lostLinks: noLostLinks,
    subnets: [],
    reports: new Map(reports),
    dead: new Set(),
    awaitsReports: false,
    knowsRequests: true,
    numbers: createNodeNumbers(),
    joins: new Map(),
  };
}

/** Decides these requests as every node of the cluster does. */
export function decideAsNodes(
  requests: readonly AnnouncementRequest[],
  electorate: Electorate,
): ReadonlyMap<Election, Choice> {
  return chooseAnnouncers(
    requests.map((request) => createElection(request, electorate.numbers)),
    electorate,
  );
}

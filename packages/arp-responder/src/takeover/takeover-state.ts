import type { Instant, IpAddress, MacAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import type { RankedCandidate } from "./election.ts";
import type { TakeoverCause } from "./takeover-reason.ts";
import { createNodeNumbers, type NodeNumbers } from "./node-numbers.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { SharingDecision } from "../sharing/load-sharing.ts";
import { type LostLinks, noLostLinks, type NodeReport } from "./node-report.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";

/**
 * The knowledge of a node about an address that may be tentative. `Held`: a speaker of the ring announces it. `Tentative`: its announcer has not announced it, because it
 * probes it or because a rival has it.
 */
export interface AddressHold {
  readonly address: IpAddress;
  /** The name of the address in a report. */
  readonly digest: string;
  state: "Unknown" | "Held" | "Tentative";
}

/** One service's election. */
export interface Election {
  readonly request: AnnouncementRequest;
  /** The candidates, the first choice first. */
  readonly ranked: readonly RankedCandidate[];
  /** The numbers of the candidates, in their order. */
  readonly candidates: readonly number[];
  /** The score of each. */
  readonly scores: readonly number[];
  /** The name of the service in a report. */
  readonly digest: string;
  /** True where subnets decide which nodes may announce. */
  readonly isBySubnet: boolean;
  /** The place of the service among those that are spread. */
  readonly order: string;
  /** The node that announces by the last decision, null for none; undefined before the first decision. */
  announcer: string | null | undefined;
  /** True where the request has changed since the last decision: its addresses or interfaces may be others, where the announcer is the same. */
  isChanged: boolean;
  /** The reason why this node announces, from the last time that it began to. */
  cause: TakeoverCause;
  /** True where this node announces a sticky service, and while it is silent after a pause: it keeps the service unless another took it. */
  isOwned: boolean;
  /** The division of the clients by the last decision, in which this node has a part; null where it has none, or one node announces. */
  sharing: SharingDecision | null;
  /** Each of its addresses; empty where none may be tentative. */
  readonly holds: readonly AddressHold[];
}

/** The time of the next spread after a change of the requests: later with every change, up to a limit. */
export interface SpreadDue {
  readonly at: Instant;
  readonly limit: Instant;
}

/** The phase of a speaker's life, with only the deadline that may run in it. */
export type TakeoverPhase =
  /** Nothing is decided: the live nodes are not known. A speaker that just started must not take what others serve. */
  | {
      readonly name: "WaitingForMembers";
      /** The members so far; null before the first one. */
      readonly reached: ReadonlySet<string> | null;
      /** From then on the members so far count as all; null before a wait starts. */
      readonly decideAt: Instant | null;
    }
  /** Every election is decided among the live nodes. */
  | {
      readonly name: "Deciding";
      readonly live: ReadonlySet<string>;
      /** Until then sticky services wait for the reports of the live nodes; null when they need not. */
      readonly reportsBy: Instant | null;
      /** The services to be spread have changed, and are decided when no more changes come; null when they have not. */
      readonly spreadDue: SpreadDue | null;
      /** The node has lost its watchers: without word from the API server until then it is cut off. Null when it is not in doubt. */
      readonly isolatedAt: Instant | null;
    }
  /** The node stood still and is silent: others may answer by now. It decides when the members have said what they know, at `decideAt` at the latest. */
  | { readonly name: "Resuming"; readonly live: ReadonlySet<string>; readonly decideAt: Instant }
  /** The node hears neither another speaker nor the API server, and is silent: the others take over. */
  | { readonly name: "Isolated"; readonly live: ReadonlySet<string> }
  /** The node answers and tells the members that it leaves. */
  | { readonly name: "Leaving"; readonly stopAt: Instant }
  /** The members know; the node answers until the successors have announced. */
  | { readonly name: "HandingOver"; readonly stopAt: Instant }
  /** The node is silent for good. */
  | { readonly name: "Stopped" };

/** Effects that were decided and wait for their turn, never none. */
export interface Outbox {
  readonly effects: readonly TakeoverEffect[];
  /** The time at which the next batch of them is due. */
  readonly dueAt: Instant;
}

/** The state of the takeover machine. The elections are mutated in place: one request must not copy thousands. */
export interface TakeoverState {
  readonly phase: TakeoverPhase;
  readonly elections: Map<string, Election>;
  /** The elections of each address that may be tentative. */
  readonly byAddress: Map<IpAddress, Set<Election>>;
  /** The keys of the elections by their election address: these decide together. */
  readonly sharers: Map<IpAddress, Set<string>>;
  /** The numbers of all nodes that have been candidates. */
  readonly numbers: NodeNumbers;
  /** True once every request that was there at the start has come. */
  readonly knowsRequests: boolean;
  /** The names of the interfaces on which this node can answer. */
  readonly interfaces: ReadonlySet<string>;
  /** The hardware addresses of those interfaces. */
  readonly hardwareAddresses: readonly MacAddress[];
  /** The subnets of those interfaces. */
  readonly subnets: readonly InterfaceSubnets[];
  /** The hardware addresses of the other nodes that live, or died and are not back, as they reported them. */
  readonly speakers: ReadonlyMap<string, readonly MacAddress[]>;
  /** The number of times that each other node has joined. */
  readonly joins: ReadonlyMap<string, number>;
  /** The number of other speakers that should be members; null while the API server has not told. */
  readonly expected: number | null;
  /** The number of other Nodes that the API server has contact with; null while it is not known. */
  readonly othersReachable: number | null;
  /** True while the sessions with every other speaker are lost. */
  readonly hasLostWatchers: boolean;
  /** True while the host probes the API server. */
  readonly isProbing: boolean;
  /** The links of this node that are down. */
  readonly lostLinks: LostLinks;
  /** The reports of other live nodes, by node. */
  readonly reports: ReadonlyMap<string, NodeReport>;
  /** Nodes that died and are not back. */
  readonly dead: ReadonlySet<string>;
  /** The report that the others have of this node; null before the first. */
  readonly published: NodeReport | null;
  /** The time at which a changed report goes out; null where it has not changed. */
  readonly publishAt: Instant | null;
  /** True from `BeginSilence` until the decision that ends the silence. */
  readonly isSilent: boolean;
  /** The effects that wait for their turn; null for none. */
  readonly outbox: Outbox | null;
}

/** The state of a speaker that just started. */
export function createTakeoverState(): TakeoverState {
  return {
    phase: { name: "WaitingForMembers", reached: null, decideAt: null },
    expected: null,
    othersReachable: null,
    hasLostWatchers: false,
    isProbing: false,
    lostLinks: noLostLinks,
    reports: new Map(),
    dead: new Set(),
    published: null,
    publishAt: null,
    isSilent: false,
    outbox: null,
    elections: new Map(),
    byAddress: new Map(),
    sharers: new Map(),
    numbers: createNodeNumbers(),
    knowsRequests: false,
    interfaces: new Set(),
    hardwareAddresses: [],
    subnets: [],
    speakers: new Map(),
    joins: new Map(),
  };
}

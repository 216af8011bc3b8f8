import type { AnnouncementRequest, TakeoverEffect } from "@herald-lb/arp-responder";
import type { BfdFacts } from "@herald-lb/bgp-speaker";
import type { BgpBfdSession } from "@herald-lb/k8s-glue/announce";
import type { TransportAddress, MembershipEffect, StreamId } from "@herald-lb/membership";
import type { IpAddress, Ipv6Address, MacAddress } from "@herald-lb/sansio";

/** The start settings of the worker thread. */
export interface WorkerSettings {
  readonly node: string;
  /** Interfaces whose name matches are never answered on. */
  readonly excludedInterfaces: string;
  /** 32 octets of the system's randomness, for the nonces of solicitations. */
  readonly seed: Uint8Array;
  /** The same, for the BFD sessions with routers. */
  readonly bgpBfdSeed: Uint8Array;
  /** The conduct of a node that hears neither another speaker nor the API server. */
  readonly isolated: "yield" | "serve";
  /** Null where the speakers form no memberlist cluster: the nodes of `NodesListed` then count as live. */
  readonly membership: {
    readonly bind: TransportAddress;
    readonly profile: "fast" | "lan" | "wan";
    /** Empty for a cluster without encryption. */
    readonly keys: readonly Uint8Array[];
    /** 32 octets of the system's randomness. */
    readonly seed: Uint8Array;
    /** Null where the speakers do not watch each other by BFD. */
    readonly bfd: BfdSettings | null;
  } | null;
}

/** The settings of BFD between the speakers. */
export interface BfdSettings {
  readonly port: number;
  /** The number of watchers of each speaker. */
  readonly watchers: number;
  /** The interval between packets, in milliseconds. */
  readonly interval: number;
  /** The number of intervals without a packet after which a session is lost. */
  readonly multiplier: number;
  /** 32 octets of the system's randomness. */
  readonly seed: Uint8Array;
}

/** From the main thread to the worker: requests whole per key, and octets of streams. */
export type ToWorker =
  | { readonly type: "AnnouncementRequested"; readonly request: AnnouncementRequest }
  | { readonly type: "AnnouncementWithdrawn"; readonly key: string }
  /** Every Service that the first list had is requested: services that are spread may be decided. */
  | { readonly type: "RequestsListed" }
  | { readonly type: "NodesListed"; readonly nodes: readonly string[] }
  | { readonly type: "PeersDesired"; readonly peers: readonly TransportAddress[] }
  | { readonly type: "StreamAccepted"; readonly stream: StreamId; readonly from: TransportAddress }
  | { readonly type: "StreamReceived"; readonly stream: StreamId; readonly octets: Uint8Array }
  | { readonly type: "StreamClosed"; readonly stream: StreamId }
  /** The number of other Nodes that the API server has contact with. */
  | { readonly type: "OthersReachable"; readonly count: number }
  /** The outcome of a probe of the API server, while `ProbeApiServer` wants them. */
  | { readonly type: "ApiServerProbed"; readonly reached: boolean }
  /** The interfaces of unnumbered BGP peers; answered by `RouterChanged`. */
  | { readonly type: "RoutersWanted"; readonly interfaces: readonly string[] }
  /** The BFD sessions with routers, all of them every time. */
  | { readonly type: "BgpBfdSessionsDesired"; readonly sessions: readonly BgpBfdSession[] }
  /** Hand over and stop; answered by `Stopped`. */
  | { readonly type: "StopRequested" };

/** From the worker to the main thread. */
export type FromWorker =
  /** Something that the worker needs is missing; null when everything is there again. */
  | { readonly type: "ProblemChanged"; readonly problem: string | null }
  | Extract<TakeoverEffect, { type: "Announcing" | "NotAnnouncing" | "ProbeApiServer" }>
  | {
      readonly type: "MembersChanged";
      readonly alive: readonly string[];
      readonly joined: readonly string[];
      readonly left: readonly string[];
      readonly died: readonly Death[];
    }
  /** This node declared another dead, because these watchers have lost it. */
  | {
      readonly type: "DeathDeclared";
      readonly node: string;
      readonly by: readonly string[];
      /** The milliseconds since the node was last heard over BFD; null where it is not known. */
      readonly silentFor: number | null;
    }
  /** The milliseconds from the news of a death to the first announcement of each address that was taken over, since the last time. */
  | { readonly type: "TakeoversMeasured"; readonly milliseconds: readonly number[] }
  /** The number of BFD sessions that are up, and of those that there should be. */
  | { readonly type: "BfdSessionsChanged"; readonly up: number; readonly wanted: number }
  /** The BFD sessions with routers, all of them, at each change of one and once a second. */
  | { readonly type: "BgpBfdReported"; readonly sessions: readonly BgpBfdReport[] }
  /** The worker's loop stood still for so many milliseconds. */
  | { readonly type: "PauseNoticed"; readonly duration: number }
  /** This node answers for nothing from now on, or answers again. */
  | { readonly type: "SilenceChanged"; readonly silent: boolean }
  | { readonly type: "Stream"; readonly effect: StreamEffect }
  /** Another station claims an announced address; told once in a while, however many frames claim it. */
  | { readonly type: "Conflict"; readonly address: IpAddress; readonly by: MacAddress; readonly interface: string }
  /** A rival has an address that this node is to announce, or that one has it no more. */
  | { readonly type: "RivalFound"; readonly address: IpAddress; readonly by: MacAddress; readonly interface: string }
  | { readonly type: "RivalGone"; readonly address: IpAddress; readonly interface: string }
  /** Rivals have an address on every interface that is on its subnet, or on every one where none is; or they do not any more. */
  | { readonly type: "ContestedChanged"; readonly address: IpAddress; readonly contested: boolean }
  /** The numbers of clients that this node serves, for the shared addresses where it has changed; told once in a while. */
  | { readonly type: "ClientsCounted"; readonly counts: ReadonlyMap<IpAddress, number> }
  /** The router on an interface, null where none is heard; and what keeps the node from searching for one, null for nothing. */
  | {
      readonly type: "RouterChanged";
      readonly interface: string;
      readonly address: Ipv6Address | null;
      readonly problem: string | null;
    }
  | { readonly type: "Counted"; readonly counts: Counts }
  | { readonly type: "Stopped" };

/** A BFD session with a router. The counts begin with the session. */
export interface BgpBfdReport extends BfdFacts {
  /** As it was desired. */
  readonly key: string;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** The times that it came up, and that it was up and ended. */
  readonly ups: number;
  readonly downs: number;
  /** The reason why a socket of it is not open, as the kernel names it; null when all are. */
  readonly problem: string | null;
}

/** A death of a member, and the node by whose word this one knows of it. */
export interface Death {
  readonly node: string;
  readonly by: string | null;
}

/** A part of the membership protocol that goes over TCP, which the main thread serves. */
export type StreamEffect = Extract<MembershipEffect, { type: "OpenStream" | "ReplyStream" | "CloseStream" }>;

/** Counters of the worker since its start, by address or by reason. */
export interface Counts {
  readonly requests: Readonly<Record<string, number>>;
  readonly replies: Readonly<Record<string, number>>;
  readonly announcements: Readonly<Record<string, number>>;
  /** Frames of announcements by their cause. */
  readonly causes: Readonly<Record<string, number>>;
  readonly probes: Readonly<Record<string, number>>;
  /** Frames by which other speakers learn of clients. */
  readonly relays: Readonly<Record<string, number>>;
  readonly conflicts: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly membershipIgnored: Readonly<Record<string, number>>;
  readonly bfdIgnored: Readonly<Record<string, number>>;
}

import type { Endpoint, MembershipEffect, StreamId } from "@herald-lb/membership";
import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import type { Wish } from "./elections.ts";

/** What the worker thread is started with. */
export interface WorkerSettings {
  readonly node: string;
  /** Interfaces whose name matches are never answered on. */
  readonly excludedInterfaces: string;
  /** Null where no ring is wanted: who lives is then what `NodesKnown` says. */
  readonly membership: {
    readonly bind: Endpoint;
    readonly profile: "fast" | "lan" | "wan";
    /** Empty for a ring without encryption. */
    readonly keys: readonly Uint8Array[];
    /** 32 octets of the system's randomness. */
    readonly seed: Uint8Array;
  } | null;
}

/** From the main thread to the worker: wishes whole per key, and octets of streams. */
export type ToWorker =
  | { readonly type: "WishDesired"; readonly wish: Wish }
  | { readonly type: "WishGone"; readonly key: string }
  | { readonly type: "NodesKnown"; readonly nodes: readonly string[] }
  | { readonly type: "PeersDesired"; readonly peers: readonly Endpoint[] }
  | { readonly type: "StreamAccepted"; readonly stream: StreamId; readonly from: Endpoint }
  | { readonly type: "StreamReceived"; readonly stream: StreamId; readonly octets: Uint8Array }
  | { readonly type: "StreamClosed"; readonly stream: StreamId }
  /** Hand over and fall silent; answered by `Stopped`. */
  | { readonly type: "Stop" };

/** From the worker to the main thread. */
export type FromWorker =
  | { readonly type: "Ready" }
  /** Something that the worker cannot do its work without is missing; null when all is there again. */
  | { readonly type: "Trouble"; readonly trouble: string | null }
  | {
      readonly type: "Announcing";
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      /** Those of the selected interfaces that are there; null where the addresses are announced on all. */
      readonly interfaces: readonly string[] | null;
    }
  | { readonly type: "NotAnnouncing"; readonly key: string; readonly to: string | null }
  | {
      readonly type: "MembersChanged";
      readonly alive: readonly string[];
      readonly joined: readonly string[];
      readonly left: readonly string[];
    }
  | {
      readonly type: "Stream";
      readonly effect: Extract<MembershipEffect, { type: "OpenStream" | "ReplyStream" | "CloseStream" }>;
    }
  | { readonly type: "Conflict"; readonly address: IpAddress; readonly by: MacAddress; readonly interface: string }
  | { readonly type: "Counted"; readonly counts: Counts }
  | { readonly type: "Stopped" };

/** Counters of the worker since its start, by address or by reason. */
export interface Counts {
  readonly requests: Readonly<Record<string, number>>;
  readonly replies: Readonly<Record<string, number>>;
  readonly announcements: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly membershipIgnored: Readonly<Record<string, number>>;
}

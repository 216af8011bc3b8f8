import type { Instant } from "@herald-lb/sansio";
import type { Broadcast } from "./broadcast-queue.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { StreamId } from "./event.ts";
import type { Keyring } from "./keyring.ts";
import { type Member, type MemberView, viewOf } from "./member.ts";
import type { NodeDataState } from "./node-data-state.ts";
import type { NodeName } from "./node-name.ts";
import type { Probe, Relay, Revival } from "./probe-state.ts";
import type { RandomState } from "./random.ts";
import type { Stream } from "./stream-state.ts";
import type { WatcherState } from "./watcher-state.ts";
import type { Dead } from "./wire/message.ts";

/** The phase of a machine's life. */
export type MembershipStateName = "Stopped" | "Running" | "Leaving" | "Left";

/** A death of an unknown node, and when this one heard of it. */
export interface EarlyDeath {
  readonly dead: Dead;
  readonly at: Instant;
}

/** Everything that a node knows of its cluster. */
export interface MembershipState {
  readonly name: MembershipStateName;
  readonly self: NodeName;
  readonly keyring: Keyring;
  readonly random: RandomState;
  readonly members: ReadonlyMap<NodeName, Member>;
  /** The members that have a suspicion. */
  readonly suspects: ReadonlySet<NodeName>;
  /** Lifeguard's health score: 0 is healthy; each point stretches a probe by one interval. */
  readonly awareness: number;
  /** The last sequence number that a probe used. */
  readonly sequence: number;
  readonly probeOrder: readonly NodeName[];
  readonly probeIndex: number;
  readonly probe: Probe | null;
  readonly nextProbe: Instant | null;
  /** Probes on behalf of others, by our own sequence number. */
  readonly relays: ReadonlyMap<number, Relay>;
  readonly broadcasts: readonly Broadcast[];
  /** The number of broadcasts queued so far. */
  readonly broadcastCount: number;
  /** Null while there is nothing to gossip. */
  readonly nextGossip: Instant | null;
  readonly lastGossip: Instant | null;
  readonly nextPushPull: Instant | null;
  readonly streams: ReadonlyMap<StreamId, Stream>;
  /** The number of streams opened so far. */
  readonly streamCount: number;
  readonly peers: readonly TransportAddress[];
  /** Peers still to be tried in this round of joining. */
  readonly joinQueue: readonly TransportAddress[];
  readonly nextJoin: Instant | null;
  readonly leaveDeadline: Instant | null;
  /** Null while no wanted peer is dead. */
  readonly revival: Revival | null;
  readonly watcher: WatcherState;
  /** Deaths of nodes that this one did not know when it heard of them, the latest last. */
  readonly earlyDeaths: ReadonlyMap<NodeName, EarlyDeath>;
  readonly nodeData: NodeDataState;
}

/** Every node that is known, our own among them: those alive and suspect, and for a while those dead and left. */
export function membersOf(state: MembershipState): readonly MemberView[] {
  return [...state.members.values()].map(viewOf);
}

import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { WatcherView } from "./watcher-view.ts";
import type { Dead } from "./wire/message.ts";
import type { HashedNode, Ring } from "./ring.ts";

/** A BFD session that the watchers need. */
export interface WatcherSession {
  readonly node: NodeName;
  readonly address: IpAddress;
  /** The UDP port at which the node takes BFD packets. */
  readonly port: number;
}

/** A live member that has BFD sessions. */
export interface WatchableMember extends HashedNode {
  readonly member: Member;
  readonly session: WatcherSession;
}

/** A view, and since when the watcher has it. */
export interface DatedView {
  readonly view: WatcherView;
  readonly at: Instant;
}

/**
 * The last question to a node whose session was lost: several pings in a row. On a network that loses one packet in ten, three BFD packets
 * are lost in a row every few minutes, but seldom three pings or their acks right after them.
 */
export interface LossCheck {
  /** The sequence numbers of the pings sent so far. */
  readonly sequences: readonly number[];
  readonly nextPing: Instant | null;
  /** Without an ack until then the loss stands. */
  readonly until: Instant;
}

/** The state of this node as a watcher and as one that is watched. */
export interface WatcherState {
  /** The nodes of the ring. */
  readonly watchable: ReadonlyMap<NodeName, WatchableMember>;
  readonly ring: Ring;
  /** The sessions as they were last desired: with the nodes that this node watches, and with its own watchers. */
  readonly sessions: ReadonlyMap<NodeName, WatcherSession>;
  /** This node's views, by node; a node without an entry is `Down`. */
  readonly views: ReadonlyMap<NodeName, DatedView>;
  /** The views of other watchers, by watched node and watcher. */
  readonly reports: ReadonlyMap<NodeName, ReadonlyMap<NodeName, DatedView>>;
  /** Deaths that others declared while this node's own session with the node was up. */
  readonly deaths: ReadonlyMap<NodeName, { readonly dead: Dead; readonly at: Instant }>;
  /** Deaths that this node declared, each with the time at which it is told again. */
  readonly declarations: ReadonlyMap<NodeName, { readonly dead: Dead; readonly at: Instant }>;
  /** The checks of nodes that were just lost. */
  readonly checks: ReadonlyMap<NodeName, LossCheck>;
  /** The members that were asked about this node after a pause and have not answered, and the number of answers to wait for. Null: nothing was asked. */
  readonly confirmation: { readonly asked: ReadonlySet<NodeName>; readonly wanted: number } | null;
}

/** A node that has no sessions. */
export const noWatchers: WatcherState = {
  watchable: new Map(),
  ring: [],
  sessions: new Map(),
  views: new Map(),
  reports: new Map(),
  deaths: new Map(),
  declarations: new Map(),
  checks: new Map(),
  confirmation: null,
};

import type { Instant } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";

/** A version of another node's data of which some parts have arrived. */
export interface PartialData {
  readonly version: number;
  readonly parts: ReadonlyMap<number, Uint8Array>;
  /** The number of parts of the whole. */
  readonly count: number;
}

/** Another member's part in the replication of node data. */
export interface NodeDataPeer {
  /** The version of this node's data that the member has acknowledged; 0 for none. */
  readonly acknowledged: number;
  /** The version of the member's own data that is here; 0 for none. */
  readonly version: number;
  /** The length of that data, in octets. */
  readonly length: number;
  readonly arriving: PartialData | null;
  /** True once the member has said anything of node data: members of other programs never do. */
  readonly speaks: boolean;
  /** The number of times that a member which has not spoken is still greeted. */
  readonly greetings: number;
}

/** The state of the replication: this node's data, and what the members have of it. */
export interface NodeDataState {
  /** This node's data; null while the host has given none. */
  readonly own: { readonly version: number; readonly octets: Uint8Array } | null;
  readonly peers: ReadonlyMap<NodeName, NodeDataPeer>;
  /** The time at which what is not acknowledged is sent again; null while everything is. */
  readonly resendAt: Instant | null;
  /** The times that it was sent again since everything was acknowledged. */
  readonly resends: number;
}

/** A node that replicates nothing. */
export const noNodeData: NodeDataState = { own: null, peers: new Map(), resendAt: null, resends: 0 };

/** A member that has said nothing yet. */
export const unknownPeer: NodeDataPeer = {
  acknowledged: 0,
  version: 0,
  length: 0,
  arriving: null,
  speaks: false,
  greetings: 5,
};

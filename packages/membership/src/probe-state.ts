import type { Instant } from "@herald-lb/sansio";
import type { TransportAddress } from "./transport-address.ts";
import type { StreamId } from "./event.ts";
import type { NodeName } from "./node-name.ts";

/** The probe that runs: one node at a time. */
export interface Probe {
  readonly target: NodeName;
  /** The sequence number that an answer carries. */
  readonly sequence: number;
  /** When others are asked; null once they were. */
  readonly indirectAt: Instant | null;
  /** When the node becomes suspect unless it answered. */
  readonly deadline: Instant;
  /** The number of relays that send a nack when they get no answer either. */
  readonly expectedNacks: number;
  readonly nacks: number;
  /** The TCP ping that runs beside the indirect probes. */
  readonly stream: StreamId | null;
  /** True after an answer to the TCP ping. */
  readonly answeredByStream: boolean;
}

/** A probe on behalf of another node. */
export interface Relay {
  /** The node that asked, which gets the answer. */
  readonly origin: TransportAddress;
  /** The asker's own sequence number. */
  readonly originSequence: number;
  /** When the asker is told that there was no answer; null when it did not ask to be, or was. */
  readonly nackAt: Instant | null;
  /** Until when an answer is passed on. */
  readonly deadline: Instant;
}

/** The pings to members that are dead here and should be members: the network between the two may be whole again. */
export interface Revival {
  readonly at: Instant;
  /** The nodes of the last pings by their sequence numbers. */
  readonly pings: ReadonlyMap<number, NodeName>;
}

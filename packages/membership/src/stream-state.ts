import type { Instant } from "@herald-lb/sansio";
import type { TransportAddress } from "./transport-address.ts";

/** A stream that is open, and the part of its one message that has arrived. */
export interface Stream {
  /** The purpose for which this node opened it; `Accepted` where a peer did. */
  readonly purpose: "Accepted" | "Join" | "PushPull" | "Ping";
  readonly peer: TransportAddress;
  readonly deadline: Instant;
  readonly received: readonly Uint8Array[];
  readonly length: number;
  /** The number of octets before which the message cannot be complete. */
  readonly wanted: number;
}

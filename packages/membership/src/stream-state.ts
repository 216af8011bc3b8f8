import type { Instant } from "@herald-lb/sansio";
import type { TransportAddress } from "./transport-address.ts";

/** A stream that is open, and the part of its one message that has arrived. */
export interface Stream {
  /** What we opened it for, or that a peer did. */
  readonly purpose: "Accepted" | "Join" | "PushPull" | "Ping";
  readonly peer: TransportAddress;
  readonly deadline: Instant;
  readonly received: readonly Uint8Array[];
  readonly length: number;
  /** How many octets there must be before the message can be whole. */
  readonly wanted: number;
}

import type { Instant } from "@herald-lb/sansio";
import type { SpeakerEffect } from "./effect.ts";

/** A listener that is wanted. */
export interface Listener {
  readonly wanted: Extract<SpeakerEffect, { type: "ListenTcp" }>;
  /** When to ask for it again; null while it did not fail. */
  readonly retryTimer: Instant | null;
}

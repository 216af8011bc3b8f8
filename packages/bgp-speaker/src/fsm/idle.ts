import type { Instant } from "@herald-lb/sansio";
import type { FsmConfig } from "./config.ts";
import type { FsmEvent } from "./event.ts";
import type { FsmStateOf } from "./state.ts";
import { begin, type FsmStep, stay, stop } from "./transition.ts";

/** Idle, RFC 4271 §8.2.2: refuses all but a start; the IdleHoldTimer is what starts again by itself. */
export function inIdle(state: FsmStateOf<"Idle">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "ManualStart_with_PassiveTcpEstablishment":
      return begin({ connectRetryCounter: 0, random: state.random }, config, now);
    case "IdleHoldTimer_Expires":
      return state.idleHoldTimer === null ? stay(state) : begin(state, config, now);
    case "ManualStop":
      // Ignored by RFC 4271 §8.2.2; but here a stop also ends the automatic restarts.
      return stop(state);
    default:
      return stay(state);
  }
}

import { type Instant, type Machine, unreachable } from "@herald-lb/sansio";
import { inActive } from "./active.ts";
import type { FsmConfig } from "./config.ts";
import { inConnect } from "./connect.ts";
import type { FsmEffect } from "./effect.ts";
import { inEstablished } from "./established.ts";
import type { FsmEvent } from "./event.ts";
import { inIdle } from "./idle.ts";
import { inOpenConfirm } from "./open-confirm.ts";
import { inOpenSent } from "./open-sent.ts";
import type { FsmState } from "./state.ts";
import { type FsmStep, stay } from "./transition.ts";

/** A session that was never started; `seed` is 32 bits from a source of the caller's, for jitter. */
export function createFsmState(seed: number): FsmState {
  return { name: "Idle", idleHoldTimer: null, connectRetryCounter: 0, random: seed >>> 0 };
}

/** The session of RFC 4271 §8 with one connection, its own or the peer's, and its timers. */
export function createFsm(config: FsmConfig): Machine<FsmState, FsmEvent, FsmEffect> {
  return {
    step: (state, event, now) => stepFsm(config, state, event, now),
    advance(state, now) {
      const timer = firstTimer(state);
      return timer === null || timer.at > now ? stay(state) : stepFsm(config, state, { type: timer.expires }, now);
    },
    nextDeadline: (state) => firstTimer(state)?.at ?? null,
  };
}

function stepFsm(config: FsmConfig, state: FsmState, event: FsmEvent, now: Instant): FsmStep {
  switch (state.name) {
    case "Idle":
      return inIdle(state, event, config, now);
    case "Connect":
      return inConnect(state, event, config, now);
    case "Active":
      return inActive(state, event, config, now);
    case "OpenSent":
      return inOpenSent(state, event, config, now);
    case "OpenConfirm":
      return inOpenConfirm(state, event, now);
    case "Established":
      return inEstablished(state, event, now);
    default:
      return unreachable(state);
  }
}

type TimerEvent = Extract<FsmEvent["type"], `${string}_Expires`>;

interface RunningTimer {
  readonly at: Instant;
  readonly expires: TimerEvent;
}

/** The timer that expires next; of two at one instant the one that ends the session. */
export function firstTimer(state: FsmState): RunningTimer | null {
  switch (state.name) {
    case "Idle":
      return first([state.idleHoldTimer, "IdleHoldTimer_Expires"]);
    case "Connect":
    case "Active":
      return first(
        [state.connectRetryTimer, "ConnectRetryTimer_Expires"],
        [state.delayOpenTimer, "DelayOpenTimer_Expires"],
      );
    case "OpenSent":
      return first([state.holdTimer, "HoldTimer_Expires"]);
    case "OpenConfirm":
      return first([state.holdTimer, "HoldTimer_Expires"], [state.keepaliveTimer, "KeepaliveTimer_Expires"]);
    case "Established":
      return first(
        [state.holdTimer, "HoldTimer_Expires"],
        [state.sendHoldTimer, "SendHoldTimer_Expires"],
        [state.keepaliveTimer, "KeepaliveTimer_Expires"],
      );
    default:
      return unreachable(state);
  }
}

function first(...timers: readonly (readonly [Instant | null, TimerEvent])[]): RunningTimer | null {
  let next: RunningTimer | null = null;
  for (const [at, expires] of timers) {
    if (at !== null && (next === null || at < next.at)) next = { at, expires };
  }
  return next;
}

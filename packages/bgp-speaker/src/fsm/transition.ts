import { type Instant, instant, type Step } from "@herald-lb/sansio";
import type { NotificationMessage } from "../notification-message.ts";
import type { OpenMessage } from "../message/open.ts";
import { checkOpen } from "./check-open.ts";
import type { FsmConfig } from "./config.ts";
import { CLOSE_TCP, type FsmEffect } from "./effect.ts";
import type { FsmState, FsmStateOf, SessionMemory } from "./state.ts";
import { idleHoldTime, jittered, keepaliveFrom, LARGE_HOLD_TIME, secondsFrom, STABLE_TIME } from "./timers.ts";

/** The answer of a state to an event. */
export type FsmStep = Step<FsmState, FsmEffect>;

const NOTHING: readonly FsmEffect[] = [];

/** Stays as it is. */
export function stay(state: FsmState): FsmStep {
  return { state, effects: NOTHING };
}

/** Goes to `state`. */
export function to(state: FsmState, ...effects: readonly FsmEffect[]): FsmStep {
  return { state, effects };
}

/** The effect that sends a message. */
export function send(message: Extract<FsmEffect, { type: "SendMessage" }>["message"]): FsmEffect {
  return { type: "SendMessage", message };
}

/** Begins: a passive session waits in Active for the peer's connection, any other opens its own. */
export function begin(memory: SessionMemory, config: FsmConfig, now: Instant): FsmStep {
  return config.passive ? listen(memory) : connect(memory, config, now);
}

/** Into Active without a ConnectRetryTimer: only the peer's connection leads on. */
function listen({ connectRetryCounter, random }: SessionMemory, ...effects: readonly FsmEffect[]): FsmStep {
  return to({ connectRetryCounter, random, name: "Active", connectRetryTimer: null, delayOpenTimer: null }, ...effects);
}

/** A connection is open: sends the OPEN, or waits for the peer's while the DelayOpenTimer runs. */
export function connected(state: FsmStateOf<"Connect" | "Active">, config: FsmConfig, now: Instant): FsmStep {
  if (config.delayOpenTime === 0) return sendOpen(state, config, now);
  return to({ ...state, connectRetryTimer: null, delayOpenTimer: instant(now + config.delayOpenTime) });
}

/** Into OpenSent. */
export function sendOpen({ connectRetryCounter, random }: SessionMemory, config: FsmConfig, now: Instant): FsmStep {
  return to(
    { connectRetryCounter, random, name: "OpenSent", holdTimer: instant(now + LARGE_HOLD_TIME) },
    send(config.open),
  );
}

/** Takes the peer's OPEN: into OpenConfirm, or refuses it. `before` is our own where it waited for the peer's. */
export function takeOpen(
  state: FsmState,
  open: OpenMessage,
  config: FsmConfig,
  now: Instant,
  ...before: readonly FsmEffect[]
): FsmStep {
  const checked = checkOpen(open, config);
  if (!checked.ok) return fail(state, now, ...before, send(checked.error), CLOSE_TCP);
  const negotiated = checked.value;
  const keepalive = keepaliveFrom(state, negotiated, now);
  return to(
    {
      connectRetryCounter: keepalive.memory.connectRetryCounter,
      random: keepalive.memory.random,
      name: "OpenConfirm",
      negotiated,
      holdTimer: secondsFrom(now, negotiated.holdTime),
      keepaliveTimer: keepalive.timer,
    },
    ...before,
    send({ type: "KEEPALIVE" }),
  );
}

/** Starts the ConnectRetryTimer and a connection: into Connect. */
export function connect(
  memory: SessionMemory,
  config: FsmConfig,
  now: Instant,
  ...before: readonly FsmEffect[]
): FsmStep {
  const retry = jittered(memory, config.connectRetryTime, now);
  return to({ ...retry.memory, name: "Connect", connectRetryTimer: retry.timer, delayOpenTimer: null }, ...before, {
    type: "InitiateTcp",
  });
}

/** ManualStop: to Idle with the ConnectRetryCounter at zero, RFC 4271 §8.2.2; only ManualStart leads out. */
export function stop(state: FsmState, ...effects: readonly FsmEffect[]): FsmStep {
  return to({ name: "Idle", idleHoldTimer: null, connectRetryCounter: 0, random: state.random }, ...effects);
}

/** ManualStop with a connection: the peer is sent `notification`, or none where it is null. */
export function stopConnected(state: FsmState, notification: NotificationMessage | null): FsmStep {
  return notification === null ? stop(state, CLOSE_TCP) : stop(state, send(notification), CLOSE_TCP);
}

/** A failure: to Idle, from which the IdleHoldTimer leads out, later each time (DampPeerOscillations, RFC 4271 §8.1.1). */
export function fail(state: FsmState, now: Instant, ...effects: readonly FsmEffect[]): FsmStep {
  const memory = counted(state, now);
  const hold = jittered(memory, idleHoldTime(memory.connectRetryCounter), now);
  return to({ ...hold.memory, name: "Idle", idleHoldTimer: hold.timer }, ...effects);
}

/** A failure that the peer is told: sends `notification` and closes so that it arrives. */
export function refuse(state: FsmState, notification: NotificationMessage, now: Instant): FsmStep {
  return fail(state, now, send(notification), CLOSE_TCP);
}

/** A failure to reach the peer: as `fail`, but never longer than the ConnectRetryTime, since nobody is bothered by trying. */
export function failToConnect(
  state: FsmState,
  config: FsmConfig,
  now: Instant,
  ...effects: readonly FsmEffect[]
): FsmStep {
  const memory = counted(state, now);
  const pause = Math.min(idleHoldTime(memory.connectRetryCounter), config.connectRetryTime);
  const hold = jittered(memory, pause, now);
  return to({ ...hold.memory, name: "Idle", idleHoldTimer: hold.timer }, ...effects);
}

/** To Active, for the peer to connect, or to connect again when the ConnectRetryTimer expires. A peer that keeps closing is left alone for longer. */
export function waitToConnect(
  state: FsmState,
  config: FsmConfig,
  now: Instant,
  ...effects: readonly FsmEffect[]
): FsmStep {
  const memory = counted(state, now);
  if (config.passive) return listen(memory, ...effects);
  const pause = Math.max(idleHoldTime(memory.connectRetryCounter), config.connectRetryTime);
  const retry = jittered(memory, pause, now);
  return to({ ...retry.memory, name: "Active", connectRetryTimer: retry.timer, delayOpenTimer: null }, ...effects);
}

/** Counts one failure more, or the first one again after a session that lasted. */
function counted(state: FsmState, now: Instant): SessionMemory {
  const lasted = state.name === "Established" && now >= instant(state.since + STABLE_TIME);
  return { connectRetryCounter: lasted ? 1 : state.connectRetryCounter + 1, random: state.random };
}

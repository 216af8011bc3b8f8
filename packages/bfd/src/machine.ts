import {
  addDeadline,
  createDeadlineHeap,
  earliestDeadline,
  type Instant,
  instant,
  type Machine,
  type Step,
  takeDue,
  unreachable,
} from "@herald-lb/sansio";
import { sessionAddress, type BfdState, type BfdStep } from "./bfd-state.ts";
import type { BfdConfig, SessionConfig } from "./config.ts";
import { Diagnostic } from "./control-packet.ts";
import type { BfdEffect } from "./effect.ts";
import type { BfdEvent } from "./event.ts";
import { jitterFraction, seededNumbers, unpredictableNumber } from "./random.ts";
import { receiveControlPacket } from "./reception.ts";
import { createSession, detectionTime, type BfdSession } from "./session.ts";
import { changeState, endSession, expireDetection, reconfigure } from "./session-changes.ts";
import { rearm, transmit, transmitEarly } from "./transmission.ts";

/** Many BFD sessions as one machine: RFC 5880 in asynchronous mode, for single (RFC 5881) and several hops (RFC 5883). Mutates its state in place. */
export function createBfd(config: BfdConfig): Machine<BfdState, BfdEvent, BfdEffect> {
  const begin = (state: BfdState, now: Instant): BfdStep => ({
    config,
    state,
    now,
    jitter: jitterFraction(state.numbers),
    effects: [],
  });
  return {
    step(state, event, now): Step<BfdState, BfdEffect> {
      const step = begin(state, now);
      switch (event.type) {
        case "SessionsDesired":
          setSessions(step, event.sessions);
          break;
        case "PacketReceived":
          receiveControlPacket(step, event);
          break;
        case "PathLost":
          losePath(step, event.session);
          break;
        default:
          return unreachable(event);
      }
      return { state, effects: step.effects };
    },
    advance(state, now): Step<BfdState, BfdEffect> {
      const due = earliestDeadline(state.deadlines);
      if (due === null || due > now) return { state, effects: [] };
      const step = begin(state, now);
      if (now - due > config.pauseTolerance) compensatePause(step, now - due);
      for (const session of takeDue(state.deadlines, now)) runTimers(step, session);
      if (step.effects.some(({ type }) => type === "SendPacket")) transmitEarly(step);
      return { state, effects: step.effects };
    },
    nextDeadline: (state) => earliestDeadline(state.deadlines),
  };
}

/** A machine without sessions. */
export function createBfdState({ seed }: BfdConfig): BfdState {
  return {
    sessions: new Map(),
    byDiscriminator: new Map(),
    byAddress: new Map(),
    deadlines: createDeadlineHeap(),
    numbers: seededNumbers(seed),
    lastSequences: new Map(),
  };
}

function setSessions(step: BfdStep, wanted: ReadonlyMap<string, SessionConfig>): void {
  const { state, now } = step;
  for (const [key, session] of state.sessions) {
    const config = wanted.get(key);
    if (config !== undefined && sessionAddress(config) === sessionAddress(session.config))
      reconfigure(step, session, config);
    else {
      state.sessions.delete(key);
      state.byAddress.delete(sessionAddress(session.config));
      endSession(step, session);
    }
  }
  for (const [key, config] of wanted) {
    if (state.sessions.has(key)) continue;
    forgetEnding(state, sessionAddress(config));
    const sequence = state.lastSequences.get(sessionAddress(config)) ?? unpredictableNumber(state.numbers);
    const session = createSession(key, config, freeDiscriminator(state), sequence, now);
    state.sessions.set(key, session);
    state.byDiscriminator.set(session.localDiscriminator, session);
    state.byAddress.set(sessionAddress(config), session);
    rearm(step, session);
  }
}

/** Forgets a session that is ending with a peer that a new session is for: its AdminDown would take the new session down. */
function forgetEnding(state: BfdState, address: string): void {
  for (const [discriminator, session] of state.byDiscriminator)
    if (session.endsAt !== null && sessionAddress(session.config) === address)
      state.byDiscriminator.delete(discriminator);
}

function losePath(step: BfdStep, key: string): void {
  const session = step.state.sessions.get(key);
  if (session === undefined || session.sessionState === "AdminDown" || session.sessionState === "Down") return;
  changeState(step, session, "Down", Diagnostic.PathDown);
  transmit(step, session);
  rearm(step, session);
}

function runTimers(step: BfdStep, session: BfdSession): void {
  const { state, now } = step;
  if (state.byDiscriminator.get(session.localDiscriminator) !== session) return;
  if (session.endsAt !== null && session.endsAt <= now) {
    state.byDiscriminator.delete(session.localDiscriminator);
    return;
  }
  if (session.detectionTimer !== null && session.detectionTimer <= now) expireDetection(step, session);
  else if (session.transmitTimer !== null && session.transmitTimer <= now) transmit(step, session);
  rearm(step, session);
}

/** A host that stood still has packets of its peers unread in its socket: no session may be lost before they were read, or to its own silence. */
function compensatePause(step: BfdStep, duration: number): void {
  const { state, now, effects } = step;
  effects.push({ type: "PauseNoticed", duration });
  for (const session of state.byDiscriminator.values()) {
    if (session.detectionTimer === null) continue;
    const grace = Math.min(duration, detectionTime(session));
    session.detectionTimer = instant(Math.max(session.detectionTimer, now + grace));
    addDeadline(state.deadlines, session, session.detectionTimer);
  }
}

function freeDiscriminator(state: BfdState): number {
  for (;;) {
    const drawn = unpredictableNumber(state.numbers);
    if (drawn !== 0 && !state.byDiscriminator.has(drawn)) return drawn;
  }
}

import { instant } from "@herald-lb/sansio";
import { type BfdStep, rememberSequence } from "./bfd-state.ts";
import type { SessionConfig } from "./config.ts";
import { Diagnostic, type SessionStateName } from "./control-packet.ts";
import { detectionTime, type BfdSession, transmitInterval, wantedTxInterval } from "./session.ts";
import { rearm, transmit } from "./transmission.ts";

/** The longest time for which an ending session tells its peer, in milliseconds. */
const ENDING_MAX = 10_000;

/** Brings a session into another state, and tells the peer at once. */
export function changeState(step: BfdStep, session: BfdSession, to: SessionStateName, diagnostic: number): void {
  const from = session.sessionState;
  session.localDiagnostic = diagnostic;
  session.sessionState = to;
  session.since = step.now;
  session.isPolling = false;
  setIntervals(session);
  step.effects.push({
    type: "SessionStateChanged",
    session: session.key,
    from,
    to,
    diagnostic,
    remoteState: session.remoteSessionState,
    remoteDiagnostic: session.remoteDiagnostic,
  });
}

/** Takes the intervals of the configuration. In Up a longer one of ours, or a shorter one that we ask for, waits for the F bit, RFC 5880 §6.8.3. */
export function setIntervals(session: BfdSession): void {
  const isUp = session.sessionState === "Up";
  const tx = wantedTxInterval(session);
  const rx = session.config.requiredMinRxInterval * 1_000;
  if (isUp && (tx !== session.desiredMinTxInterval || rx !== session.requiredMinRxInterval)) {
    session.mustPollAgain = session.isPolling;
    session.isPolling = true;
  }
  session.desiredMinTxInterval = tx;
  session.requiredMinRxInterval = rx;
  session.activeMinTxInterval = isUp ? Math.min(tx, session.activeMinTxInterval) : tx;
  session.activeMinRxInterval = isUp ? Math.max(rx, session.activeMinRxInterval) : rx;
}

/** Ends a Poll Sequence: the peer has taken note of the intervals. Where they changed meanwhile, another one follows. */
export function endPoll(session: BfdSession): void {
  session.isPolling = session.mustPollAgain;
  session.mustPollAgain = false;
  if (session.isPolling) return;
  session.activeMinTxInterval = session.desiredMinTxInterval;
  session.activeMinRxInterval = session.requiredMinRxInterval;
}

/** Takes a changed configuration of a session; one that is up stays up. */
export function reconfigure(step: BfdStep, session: BfdSession, config: SessionConfig): void {
  session.config = config;
  if (config.administrativelyDown !== (session.sessionState === "AdminDown")) {
    if (config.administrativelyDown) changeState(step, session, "AdminDown", Diagnostic.AdministrativelyDown);
    else changeState(step, session, "Down", Diagnostic.None);
    if (session.remoteDiscriminator !== 0) transmit(step, session);
  } else setIntervals(session);
  rearm(step, session);
}

/** Ends a session that is not wanted any more: the peer is told for as long as it would need to detect a loss, RFC 5880 §6.8.16. */
export function endSession(step: BfdStep, session: BfdSession): void {
  const { state, now } = step;
  const knowsPeer = session.remoteDiscriminator !== 0;
  if (session.sessionState !== "AdminDown") changeState(step, session, "AdminDown", Diagnostic.AdministrativelyDown);
  const interval = transmitInterval(session) ?? 0;
  rememberSequence(state, session);
  // The peer is told to the end, however silent it is.
  session.detectionTimer = null;
  session.endsAt = instant(now + Math.min(ENDING_MAX, (session.config.detectMult * interval) / 1_000));
  if (knowsPeer) {
    transmit(step, session);
    rearm(step, session);
  } else state.byDiscriminator.delete(session.localDiscriminator);
}

/** Forgets a peer that was silent for the detection time, RFC 5880 §6.8.1, and declares its session lost where there is one to lose, §6.8.4. */
export function expireDetection(step: BfdStep, session: BfdSession): void {
  session.detectionTimer = null;
  session.remoteDiscriminator = 0;
  session.remoteMinRxInterval = 1;
  session.remoteDemandMode = false;
  // A peer that starts anew knows no old discriminator: one that is passive would wait for a packet without one for ever.
  if (session.sessionState !== "Up" && session.sessionState !== "Init") return;
  changeState(step, session, "Down", Diagnostic.ControlDetectionTimeExpired);
  if (session.config.role === "active") transmit(step, session);
}

/** Starts the detection time anew, after a packet was accepted. */
export function restartDetection(step: BfdStep, session: BfdSession): void {
  session.detectionTimer = session.endsAt === null ? instant(step.now + detectionTime(session)) : null;
}

import { addDeadline, instant } from "@herald-lb/sansio";
import type { AuthenticationSection } from "./authentication-section.ts";
import { DIGEST_LENGTH } from "./authentication-section.ts";
import { type BfdStep, rememberSequence } from "./bfd-state.ts";
import { encodeControlPacket } from "./control-packet.ts";
import { sealPacket } from "./digest.ts";
import { type BfdSession, transmitInterval } from "./session.ts";

/** The part of its interval that a session waits at least, RFC 5880 §6.8.7. */
const LEAST_PART = 0.75;

/** Sends a Control packet now, RFC 5880 §6.8.7; with the F bit where it answers a P bit. */
export function transmit(step: BfdStep, session: BfdSession, final = false): void {
  const { config } = session;
  const { effects, now, state } = step;
  session.packetsSent++;
  session.sentAt = now;
  // Never 100 % with a multiplier of 1: the peer would lose the session to the jitter of the network.
  session.jitter = LEAST_PART + step.jitter * (config.detectMult === 1 ? 0.15 : 0.25);
  const octets = packetOf(session, final);
  if (session.endsAt !== null) rememberSequence(state, session);
  effects.push({
    type: "SendPacket",
    session: session.key,
    octets,
    to: config.remote,
    port: config.port,
    interface: config.interface,
  });
}

/**
 * Sends the packets that may go already, after another was due. The sessions of a node so come to send at one time, and the host wakes up once for all of
 * them; towards any peer the packets are as irregular as before.
 */
export function transmitEarly(step: BfdStep): void {
  for (const session of step.state.sessions.values()) {
    const interval = isPeriodic(session) ? transmitInterval(session) : null;
    if (interval === null || session.sentAt === null) continue;
    if (session.sentAt + (interval * LEAST_PART) / 1_000 > step.now) continue;
    transmit(step, session);
    rearm(step, session);
  }
}

/** Sets the timers of a session anew, after anything that they depend on has changed. */
export function rearm(step: BfdStep, session: BfdSession): void {
  const interval = isPeriodic(session) ? transmitInterval(session) : null;
  session.transmitTimer =
    interval === null
      ? null
      : instant(Math.max(step.now, session.sentAt === null ? 0 : session.sentAt + (interval * session.jitter) / 1_000));
  const { transmitTimer, detectionTimer, endsAt } = session;
  const next = Math.min(transmitTimer ?? Infinity, detectionTimer ?? Infinity, endsAt ?? Infinity);
  if (next < Infinity) addDeadline(step.state.deadlines, session, instant(next));
}

function isPeriodic(session: BfdSession): boolean {
  if (session.config.role === "passive" && session.remoteDiscriminator === 0) return false;
  const areUp = session.sessionState === "Up" && session.remoteSessionState === "Up";
  // RFC 5880 §6.6: a peer in Demand mode wants nothing but Poll Sequences.
  return !(session.remoteDemandMode && areUp && !session.isPolling);
}

function packetOf(session: BfdSession, final: boolean): Uint8Array {
  const authentication = sectionOf(session);
  const octets = encodeControlPacket({
    diagnostic: session.localDiagnostic,
    state: session.sessionState,
    poll: session.isPolling && !final,
    final,
    controlPlaneIndependent: false,
    demand: false,
    multipoint: false,
    detectMult: session.config.detectMult,
    myDiscriminator: session.localDiscriminator,
    yourDiscriminator: session.remoteDiscriminator,
    desiredMinTxInterval: session.desiredMinTxInterval,
    requiredMinRxInterval: session.requiredMinRxInterval,
    // Echo packets are refused, RFC 5880 §4.1.
    requiredMinEchoRxInterval: 0,
    authentication,
  });
  const secret = session.config.authentication?.keys[0].secret;
  if (secret !== undefined && authentication !== null && "digest" in authentication)
    sealPacket(authentication.type, octets, secret);
  return octets;
}

function sectionOf(session: BfdSession): AuthenticationSection | null {
  const { authentication } = session.config;
  if (authentication === null) return null;
  const { id: keyId, secret } = authentication.keys[0];
  if (authentication.type === "SimplePassword")
    return { type: "SimplePassword", keyId, password: secret.subarray(0, 16) };
  session.transmitSequence = (session.transmitSequence + 1) >>> 0;
  return {
    type: authentication.type,
    keyId,
    reserved: 0,
    sequenceNumber: session.transmitSequence,
    digest: new Uint8Array(DIGEST_LENGTH[authentication.type]),
  };
}

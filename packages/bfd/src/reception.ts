import { type BfdStep, addressKey } from "./bfd-state.ts";
import { type ControlPacket, decodeControlPacket, Diagnostic } from "./control-packet.ts";
import type { BfdIgnoreReason } from "./effect.ts";
import type { BfdEvent } from "./event.ts";
import type { BfdSession } from "./session.ts";
import { changeState, endPoll, restartDetection } from "./session-changes.ts";
import { TRANSITIONS } from "./transitions.ts";
import { rearm, transmit } from "./transmission.ts";
import { verifyAuthentication } from "./verification.ts";

type PacketReceived = Extract<BfdEvent, { type: "PacketReceived" }>;

/** Takes a datagram, in the order of RFC 5880 §6.8.6. */
export function receiveControlPacket(step: BfdStep, event: PacketReceived): void {
  const ignore = (reason: BfdIgnoreReason): void =>
    void step.effects.push({ type: "Ignored", reason, from: event.from });
  const decoded = decodeControlPacket(event.octets);
  if (!decoded.ok) return ignore(decoded.error.code);
  const packet = decoded.value;
  const malformed = faultOf(packet);
  if (malformed !== null) return ignore(malformed);
  const session = findSession(step, packet, event);
  if (typeof session === "string") return ignore(session);
  if (event.ttl !== null && event.ttl < session.config.minimumTtl) return ignore("LowTtl");
  const refusal = verifyAuthentication(session, packet, event.octets, step.now);
  if (refusal !== null) return ignore(refusal);
  accept(step, session, packet, ignore);
}

function accept(
  step: BfdStep,
  session: BfdSession,
  packet: ControlPacket,
  ignore: (reason: BfdIgnoreReason) => void,
): void {
  session.packetsReceived++;
  session.receivedAt = step.now;
  session.remoteDiscriminator = packet.myDiscriminator;
  session.remoteSessionState = packet.state;
  session.remoteDiagnostic = packet.diagnostic;
  session.remoteDemandMode = packet.demand;
  session.remoteMinRxInterval = packet.requiredMinRxInterval;
  session.remoteMinTxInterval = packet.desiredMinTxInterval;
  session.remoteDetectMult = packet.detectMult;
  if (session.isPolling && packet.final) endPoll(session);
  if (session.sessionState === "AdminDown") {
    restartDetection(step, session);
    rearm(step, session);
    return ignore("AdministrativelyDown");
  }
  const before = session.sessionState;
  const next = TRANSITIONS[before][packet.state];
  if (next !== before) changeState(step, session, next, diagnosticOf(session, packet, next));
  restartDetection(step, session);
  // The peer may be about to forget the session: it finds a new one by our address alone.
  if (packet.state === "AdminDown") session.remoteDiscriminator = 0;
  // The peer learns of a new state at once; the answer to a P bit tells it as well, RFC 5880 §6.5.
  if (packet.poll) transmit(step, session, true);
  else if (next !== before) transmit(step, session);
  rearm(step, session);
}

function diagnosticOf(session: BfdSession, packet: ControlPacket, next: BfdSession["sessionState"]): number {
  const isSignaled = next === "Down" && (packet.state === "AdminDown" || packet.state === "Down");
  if (isSignaled) return Diagnostic.NeighborSignaledSessionDown;
  return next === "Up" ? Diagnostic.None : session.localDiagnostic;
}

function faultOf(packet: ControlPacket): BfdIgnoreReason | null {
  if (packet.detectMult === 0) return "BadDetectMult";
  if (packet.multipoint) return "Multipoint";
  if (packet.myDiscriminator === 0) return "ZeroDiscriminator";
  // Only a side that has not heard the other may leave Your Discriminator open.
  const mayBeOpen = packet.state === "Down" || packet.state === "AdminDown";
  return packet.yourDiscriminator === 0 && !mayBeOpen ? "ZeroDiscriminator" : null;
}

function findSession({ state }: BfdStep, packet: ControlPacket, event: PacketReceived): BfdSession | BfdIgnoreReason {
  const key = addressKey(event.hops, event.from, event.interface);
  if (packet.yourDiscriminator === 0) return state.byAddress.get(key) ?? "NoSession";
  const session = state.byDiscriminator.get(packet.yourDiscriminator);
  if (session === undefined) return "UnknownDiscriminator";
  const { hops, remote, interface: on } = session.config;
  return hops === event.hops && addressKey(hops, remote, on) === key ? session : "WrongAddress";
}

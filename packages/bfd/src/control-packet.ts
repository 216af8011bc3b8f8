import { ByteReader, ByteWriter, err, ok, type Result } from "@herald-lb/sansio";
import { type AuthenticationSection, readAuthentication, writeAuthentication } from "./authentication-section.ts";

/** The states of a session, RFC 5880 §4.1, in the order of their numbers on the wire. */
export const SESSION_STATES: readonly ["AdminDown", "Down", "Init", "Up"] = ["AdminDown", "Down", "Init", "Up"];

/** A state of a session. */
export type SessionStateName = (typeof SESSION_STATES)[number];

/** The diagnostics of RFC 5880 §4.1 that Herald uses, by name. */
export const Diagnostic = {
  None: 0,
  ControlDetectionTimeExpired: 1,
  EchoFunctionFailed: 2,
  NeighborSignaledSessionDown: 3,
  ForwardingPlaneReset: 4,
  PathDown: 5,
  ConcatenatedPathDown: 6,
  AdministrativelyDown: 7,
  ReverseConcatenatedPathDown: 8,
} as const;

/**
 * A BFD Control packet, RFC 5880 §4.1.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface ControlPacket {
  /** 0 to 31; `Diagnostic` has the names. */
  readonly diagnostic: number;
  readonly state: SessionStateName;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  readonly multipoint: boolean;
  readonly detectMult: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  /** Microseconds, as the two intervals below. */
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  readonly requiredMinEchoRxInterval: number;
  /** Null without the A bit. */
  readonly authentication: AuthenticationSection | null;
}

/** The reason why octets are no Control packet. */
export type ControlPacketError =
  | { readonly code: "BadVersion"; readonly version: number }
  /** The Length field is less than the packet needs, or more than the datagram has. */
  | { readonly code: "BadLength"; readonly length: number; readonly octets: number }
  | { readonly code: "BadAuthentication"; readonly authenticationType: number; readonly length: number };

/** The length of a Control packet without authentication, in octets. */
export const CONTROL_PACKET_LENGTH = 24;
const VERSION = 1;

/** Reads a Control packet. Octets behind its Length are ignored, RFC 5880 §6.8.6. */
export function decodeControlPacket(octets: Uint8Array): Result<ControlPacket, ControlPacketError> {
  const first = octets[0] ?? 0;
  if (octets.length < CONTROL_PACKET_LENGTH)
    return err({ code: "BadLength", length: octets[3] ?? 0, octets: octets.length });
  if (first >> 5 !== VERSION) return err({ code: "BadVersion", version: first >> 5 });
  const flags = octets[1] as number;
  const length = octets[3] as number;
  const hasAuthentication = (flags & 0x04) !== 0;
  if (length < CONTROL_PACKET_LENGTH + (hasAuthentication ? 2 : 0) || length > octets.length)
    return err({ code: "BadLength", length, octets: octets.length });
  const reader = new ByteReader(octets.subarray(4, length));
  const packet = {
    diagnostic: first & 0x1f,
    state: SESSION_STATES[flags >> 6] as SessionStateName,
    poll: (flags & 0x20) !== 0,
    final: (flags & 0x10) !== 0,
    controlPlaneIndependent: (flags & 0x08) !== 0,
    demand: (flags & 0x02) !== 0,
    multipoint: (flags & 0x01) !== 0,
    detectMult: octets[2] as number,
    myDiscriminator: reader.u32(),
    yourDiscriminator: reader.u32(),
    desiredMinTxInterval: reader.u32(),
    requiredMinRxInterval: reader.u32(),
    requiredMinEchoRxInterval: reader.u32(),
  };
  if (!hasAuthentication) return ok({ ...packet, authentication: null });
  const authentication = readAuthentication(reader);
  if (authentication !== null) return ok({ ...packet, authentication });
  const [authenticationType, authenticationLength] = [octets[24] as number, octets[25] as number];
  return err({ code: "BadAuthentication", authenticationType, length: authenticationLength });
}

/** Writes a Control packet. */
export function encodeControlPacket(packet: ControlPacket): Uint8Array {
  const { authentication } = packet;
  const writer = new ByteWriter(64);
  writer.u8((VERSION << 5) | packet.diagnostic);
  writer.u8(
    (SESSION_STATES.indexOf(packet.state) << 6) |
      (packet.poll ? 0x20 : 0) |
      (packet.final ? 0x10 : 0) |
      (packet.controlPlaneIndependent ? 0x08 : 0) |
      (authentication === null ? 0 : 0x04) |
      (packet.demand ? 0x02 : 0) |
      (packet.multipoint ? 0x01 : 0),
  );
  writer.u8(packet.detectMult);
  writer.u8(0);
  writer.u32(packet.myDiscriminator);
  writer.u32(packet.yourDiscriminator);
  writer.u32(packet.desiredMinTxInterval);
  writer.u32(packet.requiredMinRxInterval);
  writer.u32(packet.requiredMinEchoRxInterval);
  if (authentication !== null) writeAuthentication(writer, authentication);
  const octets = writer.finish();
  octets[3] = octets.length;
  return octets;
}

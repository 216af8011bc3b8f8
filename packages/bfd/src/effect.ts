import type { IpAddress } from "@herald-lb/sansio";
import type { SessionStateName } from "./control-packet.ts";

/** The reason why a packet changed nothing; also a metric's label. */
export type BfdIgnoreReason =
  | "BadVersion"
  | "BadLength"
  | "BadAuthentication"
  | "BadDetectMult"
  | "Multipoint"
  | "ZeroDiscriminator"
  | "UnknownDiscriminator"
  | "NoSession"
  /** The discriminator is right, and the packet came from another address or interface. */
  | "WrongAddress"
  | "LowTtl"
  | "AuthenticationMissing"
  | "AuthenticationUnexpected"
  | "WrongAuthenticationType"
  | "UnknownKey"
  | "BadDigest"
  | "BadSequence"
  | "AdministrativelyDown";

/** An instruction for the host of a BFD machine, or a report. */
export type BfdEffect =
  /** Send one datagram with TTL 255. */
  | {
      readonly type: "SendPacket";
      readonly session: string;
      readonly octets: Uint8Array;
      readonly to: IpAddress;
      readonly port: number;
      readonly interface: number | null;
    }
  /** A session changed its state. */
  | {
      readonly type: "SessionStateChanged";
      readonly session: string;
      readonly from: SessionStateName;
      readonly to: SessionStateName;
      /** This side's diagnostic, RFC 5880 §4.1; 1 where the detection time passed without a packet. */
      readonly diagnostic: number;
      /** The peer's state and diagnostic as last received. */
      readonly remoteState: SessionStateName;
      readonly remoteDiagnostic: number;
    }
  /** The host stood still for so many milliseconds: no session was taken for lost because of it. */
  | { readonly type: "PauseNoticed"; readonly duration: number }
  | { readonly type: "Ignored"; readonly reason: BfdIgnoreReason; readonly from: IpAddress };

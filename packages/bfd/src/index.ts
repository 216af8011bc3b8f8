export {
  type AuthenticationSection,
  AuthenticationType,
  type DigestSection,
  type DigestType,
} from "./authentication-section.ts";
export { type BfdState, sessionsOf, type SessionView } from "./bfd-state.ts";
export type { BfdAuthentication, BfdConfig, BfdKey, SessionConfig } from "./config.ts";
export {
  type ControlPacket,
  type ControlPacketError,
  decodeControlPacket,
  Diagnostic,
  encodeControlPacket,
  type SessionStateName,
} from "./control-packet.ts";
export { diagnosticName } from "./diagnostic-name.ts";
export type { BfdEffect, BfdIgnoreReason } from "./effect.ts";
export type { BfdEvent } from "./event.ts";
export { createBfd, createBfdState } from "./machine.ts";

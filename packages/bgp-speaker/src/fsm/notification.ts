import { CeaseSubcode, ErrorCode, FsmSubcode } from "../iana.ts";
import type { NotificationMessage } from "../notification-message.ts";

const NONE: Uint8Array = new Uint8Array(0);
const utf8 = new TextEncoder();

/** A NOTIFICATION. */
export function notification(code: number, subcode: number, data: Uint8Array = NONE): NotificationMessage {
  return { type: "NOTIFICATION", code, subcode, data };
}

/** A Cease, RFC 4486 §3. */
export function cease(subcode: number): NotificationMessage {
  return notification(ErrorCode.Cease, subcode);
}

/** The Hard Reset that stands for a NOTIFICATION, RFC 8538 §3.1: the peer keeps no routes, also where graceful restart was negotiated. */
export function hardReset({ code, subcode, data }: NotificationMessage): NotificationMessage {
  return notification(ErrorCode.Cease, CeaseSubcode.HardReset, Uint8Array.of(code, subcode, ...data));
}

/** The longest Shutdown Communication, in octets. */
const COMMUNICATION_MAX = 255;

/** An Administrative Shutdown with a Shutdown Communication, RFC 9003 §2, cut at a character to 255 octets. */
export function administrativeShutdown(communication: string): NotificationMessage {
  if (communication === "") return cease(CeaseSubcode.AdministrativeShutdown);
  const data = new Uint8Array(1 + COMMUNICATION_MAX);
  const { written } = utf8.encodeInto(communication, data.subarray(1));
  data[0] = written;
  return notification(ErrorCode.Cease, CeaseSubcode.AdministrativeShutdown, data.slice(0, 1 + written));
}

/** RFC 4271 §6.8: another connection with the peer is kept. */
export const COLLISION: NotificationMessage = cease(CeaseSubcode.ConnectionCollisionResolution);

/** RFC 4271 §6.5. */
export const HOLD_TIMER_EXPIRED: NotificationMessage = notification(ErrorCode.HoldTimerExpired, 0);

/** RFC 9687 §3.2. */
export const SEND_HOLD_TIMER_EXPIRED: NotificationMessage = notification(ErrorCode.SendHoldTimerExpired, 0);

/** A Finite State Machine Error with the subcode of the state it happened in, RFC 6608 §3. */
export const fsmError: { readonly [State in "OpenSent" | "OpenConfirm" | "Established"]: NotificationMessage } = {
  OpenSent: notification(ErrorCode.FiniteStateMachineError, FsmSubcode.UnexpectedInOpenSent),
  OpenConfirm: notification(ErrorCode.FiniteStateMachineError, FsmSubcode.UnexpectedInOpenConfirm),
  Established: notification(ErrorCode.FiniteStateMachineError, FsmSubcode.UnexpectedInEstablished),
};

import type { Instant } from "@herald-lb/sansio";
import { CLOSE_TCP } from "./effect.ts";
import type { FsmEvent } from "./event.ts";
import { COLLISION, fsmError, HOLD_TIMER_EXPIRED } from "./notification.ts";
import type { FsmStateOf } from "./state.ts";
import { keepaliveFrom, secondsFrom } from "./timers.ts";
import { fail, type FsmStep, refuse, send, stay, stopConnected, to } from "./transition.ts";

/** OpenConfirm, RFC 4271 §8.2.2: the OPEN messages agree; the peer's KEEPALIVE is awaited. */
export function inOpenConfirm(state: FsmStateOf<"OpenConfirm">, event: FsmEvent, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "ManualStart_with_PassiveTcpEstablishment":
    case "Tcp_CR_Invalid":
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stopConnected(state, event.notification);
    case "HoldTimer_Expires":
      return refuse(state, HOLD_TIMER_EXPIRED, now);
    case "KeepaliveTimer_Expires": {
      const keepalive = keepaliveFrom(state, state.negotiated, now);
      return to({ ...state, ...keepalive.memory, keepaliveTimer: keepalive.timer }, send({ type: "KEEPALIVE" }));
    }
    case "TcpConnectionFails":
      return fail(state, now);
    case "NotifMsg":
    case "NotifMsgVerErr":
      return fail(state, now, CLOSE_TCP);
    case "OpenCollisionDump":
      return refuse(state, COLLISION, now);
    case "AutomaticStop":
    case "BGPHeaderErr":
    case "BGPOpenMsgErr":
      return refuse(state, event.notification, now);
    case "KeepAliveMsg":
      return to({
        ...state,
        name: "Established",
        holdTimer: secondsFrom(now, state.negotiated.holdTime),
        since: now,
        sendHoldTimer: null,
      });
    default:
      return refuse(state, fsmError.OpenConfirm, now);
  }
}

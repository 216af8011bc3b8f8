import { type Instant, instant } from "@herald-lb/sansio";
import { CLOSE_TCP, DROP_TCP } from "./effect.ts";
import type { FsmEvent } from "./event.ts";
import { COLLISION, fsmError, HOLD_TIMER_EXPIRED, SEND_HOLD_TIMER_EXPIRED } from "./notification.ts";
import type { FsmStateOf } from "./state.ts";
import { keepaliveFrom, secondsFrom, SEND_HOLD_TIME_MIN } from "./timers.ts";
import { fail, type FsmStep, refuse, send, stay, stopConnected, to } from "./transition.ts";

/** Established, RFC 4271 §8.2.2: routes flow. */
export function inEstablished(state: FsmStateOf<"Established">, event: FsmEvent, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "ManualStart_with_PassiveTcpEstablishment":
    case "Tcp_CR_Invalid":
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return stay(state);
    case "ManualStop":
      return stopConnected(state, event.notification);
    case "HoldTimer_Expires":
      return refuse(state, HOLD_TIMER_EXPIRED, now);
    case "KeepaliveTimer_Expires": {
      const keepalive = keepaliveFrom(state, state.negotiated, now);
      return to({ ...state, ...keepalive.memory, keepaliveTimer: keepalive.timer }, send({ type: "KEEPALIVE" }));
    }
    case "KeepAliveMsg":
    case "UpdateMsg":
      return to({ ...state, holdTimer: secondsFrom(now, state.negotiated.holdTime) });
    case "SendProgressed":
      return to({ ...state, sendHoldTimer: event.waiting ? sendHoldFrom(state, now) : null });
    case "SendHoldTimer_Expires":
      // Not gracefully: what was sent before has waited for minutes already, and this would wait behind it.
      return fail(state, now, send(SEND_HOLD_TIMER_EXPIRED), DROP_TCP);
    case "TcpConnectionFails":
      return fail(state, now);
    case "NotifMsg":
    case "NotifMsgVerErr":
      return fail(state, now, CLOSE_TCP);
    case "OpenCollisionDump":
      return refuse(state, COLLISION, now);
    case "AutomaticStop":
    case "BGPHeaderErr":
    case "UpdateMsgErr":
      return refuse(state, event.notification, now);
    default:
      return refuse(state, fsmError.Established, now);
  }
}

/** RFC 9687 §4: the larger of eight minutes and twice the Hold Time. */
function sendHoldFrom(state: FsmStateOf<"Established">, now: Instant): Instant {
  return instant(now + Math.max(SEND_HOLD_TIME_MIN, 2 * state.negotiated.holdTime * 1000));
}

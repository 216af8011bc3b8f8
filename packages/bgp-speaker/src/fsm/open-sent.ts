import type { Instant } from "@herald-lb/sansio";
import type { FsmConfig } from "./config.ts";
import { CLOSE_TCP } from "./effect.ts";
import type { FsmEvent } from "./event.ts";
import { COLLISION, fsmError, HOLD_TIMER_EXPIRED } from "./notification.ts";
import type { FsmStateOf } from "./state.ts";
import { fail, type FsmStep, refuse, stay, stopConnected, takeOpen, waitToConnect } from "./transition.ts";

/** OpenSent, RFC 4271 §8.2.2: our OPEN is sent, the peer's is awaited. */
export function inOpenSent(state: FsmStateOf<"OpenSent">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
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
    case "TcpConnectionFails":
      return waitToConnect(state, config, now);
    case "AutomaticStop":
    case "BGPHeaderErr":
    case "BGPOpenMsgErr":
      return refuse(state, event.notification, now);
    case "BGPOpen":
      return takeOpen(state, event.open, config, now);
    case "OpenCollisionDump":
      return refuse(state, COLLISION, now);
    case "NotifMsgVerErr":
    case "NotifMsg":
      // RFC 4271 §8.2.2 answers a NOTIFICATION in this state with one of its own, against its §6: nobody reads that.
      return fail(state, now, CLOSE_TCP);
    default:
      return refuse(state, fsmError.OpenSent, now);
  }
}

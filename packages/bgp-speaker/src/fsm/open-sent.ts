import type { Instant } from "@herald-lb/sansio";
import { checkOpen } from "./check-open.ts";
import type { FsmConfig } from "./config.ts";
import type { FsmEvent } from "./event.ts";
import { fsmError, HOLD_TIMER_EXPIRED } from "./notification.ts";
import type { FsmStateOf } from "./state.ts";
import { keepaliveFrom, secondsFrom } from "./timers.ts";
import { fail, type FsmStep, refuse, send, stay, stop, to, waitToConnect } from "./transition.ts";

/** OpenSent, RFC 4271 §8.2.2: our OPEN is sent, the peer's is awaited. */
export function inOpenSent(state: FsmStateOf<"OpenSent">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stop(state, send(event.notification), { type: "DropTcp", graceful: true });
    case "HoldTimer_Expires":
      return refuse(state, HOLD_TIMER_EXPIRED, now);
    case "TcpConnectionFails":
      return waitToConnect(state, config, now);
    case "AutomaticStop":
    case "BGPHeaderErr":
    case "BGPOpenMsgErr":
      return refuse(state, event.notification, now);
    case "BGPOpen": {
      const checked = checkOpen(event.open, config);
      if (!checked.ok) return refuse(state, checked.error, now);
      const negotiated = checked.value;
      const keepalive = keepaliveFrom(state, negotiated, now);
      return to(
        {
          connectRetryCounter: keepalive.memory.connectRetryCounter,
          random: keepalive.memory.random,
          name: "OpenConfirm",
          negotiated,
          holdTimer: secondsFrom(now, negotiated.holdTime),
          keepaliveTimer: keepalive.timer,
        },
        send({ type: "KEEPALIVE" }),
      );
    }
    case "NotifMsgVerErr":
    case "NotifMsg":
      // RFC 4271 §8.2.2 answers a NOTIFICATION in this state with one of its own, against its §6: nobody reads that.
      return fail(state, now, { type: "DropTcp", graceful: true });
    default:
      return refuse(state, fsmError.OpenSent, now);
  }
}

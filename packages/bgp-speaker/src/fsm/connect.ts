import { type Instant, instant } from "@herald-lb/sansio";
import type { FsmConfig } from "./config.ts";
import type { FsmEffect } from "./effect.ts";
import type { FsmEvent } from "./event.ts";
import type { FsmStateOf } from "./state.ts";
import { LARGE_HOLD_TIME } from "./timers.ts";
import { connect, fail, failToConnect, type FsmStep, send, stay, stop, to } from "./transition.ts";

const dropTcp: FsmEffect = { type: "DropTcp", graceful: false };

/** Connect, RFC 4271 §8.2.2: a connection is being opened. */
export function inConnect(state: FsmStateOf<"Connect">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stop(state, dropTcp);
    case "ConnectRetryTimer_Expires":
      return connect(state, config, now, dropTcp);
    case "Tcp_CR_Acked":
      return to(
        {
          name: "OpenSent",
          connectRetryCounter: state.connectRetryCounter,
          random: state.random,
          holdTimer: instant(now + LARGE_HOLD_TIME),
        },
        send(config.open),
      );
    case "TcpConnectionFails":
      return failToConnect(state, config, now);
    default:
      return fail(state, now, dropTcp);
  }
}

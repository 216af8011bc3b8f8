import type { Instant } from "@herald-lb/sansio";
import type { FsmConfig } from "./config.ts";
import { DROP_TCP } from "./effect.ts";
import type { FsmEvent } from "./event.ts";
import type { FsmStateOf } from "./state.ts";
import {
  connect,
  connected,
  fail,
  failToConnect,
  type FsmStep,
  send,
  sendOpen,
  stay,
  stop,
  takeOpen,
  waitToConnect,
} from "./transition.ts";

/** Connect, RFC 4271 §8.2.2: a connection is being opened; while the DelayOpenTimer runs it is open, and our OPEN waits for the peer's. */
export function inConnect(state: FsmStateOf<"Connect">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  const isDelayed = state.delayOpenTimer !== null;
  switch (event.type) {
    case "ManualStart":
    case "ManualStart_with_PassiveTcpEstablishment":
    case "Tcp_CR_Invalid":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stop(state, DROP_TCP);
    case "ConnectRetryTimer_Expires":
      return connect(state, config, now, DROP_TCP);
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return isDelayed ? stay(state) : connected(state, config, now);
    case "DelayOpenTimer_Expires":
      return isDelayed ? sendOpen(state, config, now) : fail(state, now, DROP_TCP);
    case "BGPOpen":
      return isDelayed ? takeOpen(state, event.open, config, now, send(config.open)) : fail(state, now, DROP_TCP);
    case "TcpConnectionFails":
      return isDelayed ? waitToConnect(state, config, now) : failToConnect(state, config, now);
    default:
      return fail(state, now, DROP_TCP);
  }
}

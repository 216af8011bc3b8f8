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
  to,
} from "./transition.ts";

/**
 * Active, RFC 4271 §8.2.2: the peer's connection is waited for, and the ConnectRetryTimer leads to one of our own where it runs. While the
 * DelayOpenTimer runs, a connection is open and our OPEN waits for the peer's.
 */
export function inActive(state: FsmStateOf<"Active">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  const isDelayed = state.delayOpenTimer !== null;
  const drop = isDelayed ? [DROP_TCP] : [];
  switch (event.type) {
    case "ManualStart":
    case "ManualStart_with_PassiveTcpEstablishment":
    case "Tcp_CR_Invalid":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stop(state, ...drop);
    case "ConnectRetryTimer_Expires":
      return config.passive ? to({ ...state, connectRetryTimer: null }) : connect(state, config, now, ...drop);
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return isDelayed ? stay(state) : connected(state, config, now);
    case "DelayOpenTimer_Expires":
      return isDelayed ? sendOpen(state, config, now) : fail(state, now);
    case "BGPOpen":
      return isDelayed ? takeOpen(state, event.open, config, now, send(config.open)) : fail(state, now);
    case "TcpConnectionFails":
      return failToConnect(state, config, now);
    default:
      return fail(state, now, ...drop);
  }
}

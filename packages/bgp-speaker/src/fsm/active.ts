import type { Instant } from "@herald-lb/sansio";
import type { FsmConfig } from "./config.ts";
import type { FsmEvent } from "./event.ts";
import type { FsmStateOf } from "./state.ts";
import { connect, fail, failToConnect, type FsmStep, stay, stop } from "./transition.ts";

/** Active, RFC 4271 §8.2.2: no connection; since nothing is listened for, only the ConnectRetryTimer leads on. */
export function inActive(state: FsmStateOf<"Active">, event: FsmEvent, config: FsmConfig, now: Instant): FsmStep {
  switch (event.type) {
    case "ManualStart":
    case "SendProgressed":
      return stay(state);
    case "ManualStop":
      return stop(state);
    case "ConnectRetryTimer_Expires":
      return connect(state, config, now);
    case "TcpConnectionFails":
      return failToConnect(state, config, now);
    default:
      return fail(state, now);
  }
}

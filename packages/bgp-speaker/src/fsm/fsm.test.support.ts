import { type Instant, instant, type Ipv4Address } from "@herald-lb/sansio";
import type { Capability } from "../capability.ts";
import { IPV4_UNICAST } from "../family.ts";
import type { OpenMessage } from "../message/open.ts";
import type { FsmConfig } from "./config.ts";
import type { FsmEvent, FsmEventType } from "./event.ts";
import { createFsm } from "./fsm.ts";
import { administrativeShutdown, cease, notification } from "./notification.ts";
import type { FsmState, FsmStateName, Negotiated } from "./state.ts";

/** An instant. */
export const at = (ms: number): Instant => instant(ms);
/** An OPEN with an identifier that its AS gives. */
export const open = (
  as: number,
  more: Partial<OpenMessage> = {},
  capabilities: readonly Capability[] = [{ type: "Multiprotocol", family: IPV4_UNICAST }],
): OpenMessage => ({
  type: "OPEN",
  version: 4,
  autonomousSystem: as,
  holdTime: 90,
  bgpIdentifier: `192.0.2.${as % 250}` as Ipv4Address,
  optionalParameters: [{ type: "Capabilities", capabilities }],
  ...more,
});
/** A session of AS 64512 with AS 65001. */
export const config: FsmConfig = {
  open: open(64512),
  localAs: 64512,
  peerAs: 65001,
  keepaliveTime: null,
  connectRetryTime: 10_000,
  passive: false,
  delayOpenTime: 0,
  role: null,
};
/** Its machine. */
export const fsm: ReturnType<typeof createFsm> = createFsm(config);
const negotiated: Negotiated = {
  peerAs: 65001,
  peerIdentifier: "192.0.2.1" as Ipv4Address,
  internal: false,
  holdTime: 90,
  keepaliveTime: 30,
  fourOctetAs: false,
  families: [IPV4_UNICAST],
  routeRefresh: false,
  enhancedRouteRefresh: false,
  gracefulRestart: null,
  extendedNextHop: false,
  extendedMessage: false,
  addPath: { send: [], receive: [] },
};
/** The six states, and the two in which the DelayOpenTimer may run. */
export type Column = FsmStateName | "ConnectDelayed" | "ActiveDelayed";
const memory = { connectRetryCounter: 3, random: 7 };
const timers = { holdTimer: at(90_000), keepaliveTimer: at(30_000) };
/** A state of each column. */
export const states: Readonly<Record<Column, () => FsmState>> = {
  Idle: () => ({ ...memory, name: "Idle", idleHoldTimer: at(1_000) }),
  Connect: () => ({ ...memory, name: "Connect", connectRetryTimer: at(10_000), delayOpenTimer: null }),
  ConnectDelayed: () => ({ ...memory, name: "Connect", connectRetryTimer: null, delayOpenTimer: at(5_000) }),
  Active: () => ({ ...memory, name: "Active", connectRetryTimer: at(10_000), delayOpenTimer: null }),
  ActiveDelayed: () => ({ ...memory, name: "Active", connectRetryTimer: null, delayOpenTimer: at(5_000) }),
  OpenSent: () => ({ ...memory, name: "OpenSent", holdTimer: at(240_000) }),
  OpenConfirm: () => ({ ...memory, name: "OpenConfirm", negotiated, ...timers }),
  Established: () => ({ ...memory, name: "Established", negotiated, since: at(0), sendHoldTimer: null, ...timers }),
};
const shutdown = administrativeShutdown("");
/** An event of each type. */
export const events: { readonly [Type in FsmEventType]: Extract<FsmEvent, { type: Type }> } = {
  ManualStart: { type: "ManualStart" },
  ManualStart_with_PassiveTcpEstablishment: { type: "ManualStart_with_PassiveTcpEstablishment" },
  ManualStop: { type: "ManualStop", notification: shutdown },
  AutomaticStop: { type: "AutomaticStop", notification: cease(6) },
  ConnectRetryTimer_Expires: { type: "ConnectRetryTimer_Expires" },
  HoldTimer_Expires: { type: "HoldTimer_Expires" },
  KeepaliveTimer_Expires: { type: "KeepaliveTimer_Expires" },
  DelayOpenTimer_Expires: { type: "DelayOpenTimer_Expires" },
  IdleHoldTimer_Expires: { type: "IdleHoldTimer_Expires" },
  Tcp_CR_Invalid: { type: "Tcp_CR_Invalid" },
  Tcp_CR_Acked: { type: "Tcp_CR_Acked" },
  TcpConnectionConfirmed: { type: "TcpConnectionConfirmed" },
  TcpConnectionFails: { type: "TcpConnectionFails" },
  BGPOpen: { type: "BGPOpen", open: open(65001) },
  BGPHeaderErr: { type: "BGPHeaderErr", notification: notification(1, 2) },
  BGPOpenMsgErr: { type: "BGPOpenMsgErr", notification: notification(2, 1) },
  OpenCollisionDump: { type: "OpenCollisionDump" },
  NotifMsgVerErr: { type: "NotifMsgVerErr" },
  NotifMsg: { type: "NotifMsg", notification: notification(6, 5) },
  KeepAliveMsg: { type: "KeepAliveMsg" },
  UpdateMsg: { type: "UpdateMsg" },
  UpdateMsgErr: { type: "UpdateMsgErr", notification: notification(3, 1) },
  SendHoldTimer_Expires: { type: "SendHoldTimer_Expires" },
  SendProgressed: { type: "SendProgressed", waiting: true },
};

/** The next state and what is done, as words: i(nitiate), d(rop), o(pen), k(eepalive), nCODE/SUBCODE. */
export function outcome(state: FsmState, event: FsmEvent): string {
  const step = fsm.step(state, event, at(500));
  const done = step.effects.map((effect) => {
    if (effect.type === "InitiateTcp") return "i";
    if (effect.type === "DropTcp") return "d";
    if (effect.message.type === "NOTIFICATION") return `n${effect.message.code}/${effect.message.subcode}`;
    return effect.message.type === "OPEN" ? "o" : "k";
  });
  return [step.state.name, ...done].join(" ");
}

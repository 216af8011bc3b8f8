import type { Ipv4Address } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capability } from "../capability.ts";
import { IPV6_UNICAST } from "../family.ts";
import type { OpenMessage } from "../message/open.ts";
import type { FsmEvent, FsmEventType } from "./event.ts";
import { createFsm } from "./fsm.ts";
import { at, type Column, config, events, fsm, open, outcome, states } from "./fsm.test.support.ts";
import { administrativeShutdown } from "./notification.ts";
import type { FsmState } from "./state.ts";

const columns: readonly Column[] = [
  "Idle",
  "Connect",
  "ConnectDelayed",
  "Active",
  "ActiveDelayed",
  "OpenSent",
  "OpenConfirm",
  "Established",
];

/** RFC 4271 §8.2.2, column by column: the next state, then what is done: i(nitiate), d(rop), o(pen), k(eepalive), nCODE/SUBCODE. */
const table: { readonly [Type in FsmEventType]: readonly string[] } = {
  ManualStart: ["Connect i", "Connect", "Connect", "Active", "Active", "OpenSent", "OpenConfirm", "Established"],
  ManualStart_with_PassiveTcpEstablishment: [
    "Connect i",
    "Connect",
    "Connect",
    "Active",
    "Active",
    "OpenSent",
    "OpenConfirm",
    "Established",
  ],
  ManualStop: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n6/2 d", "Idle n6/2 d", "Idle n6/2 d"],
  AutomaticStop: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n6/6 d", "Idle n6/6 d", "Idle n6/6 d"],
  ConnectRetryTimer_Expires: [
    "Idle",
    "Connect d i",
    "Connect d i",
    "Connect i",
    "Connect d i",
    "Idle n5/1 d",
    "Idle n5/2 d",
    "Idle n5/3 d",
  ],
  HoldTimer_Expires: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n4/0 d", "Idle n4/0 d", "Idle n4/0 d"],
  KeepaliveTimer_Expires: [
    "Idle",
    "Idle d",
    "Idle d",
    "Idle",
    "Idle d",
    "Idle n5/1 d",
    "OpenConfirm k",
    "Established k",
  ],
  DelayOpenTimer_Expires: [
    "Idle",
    "Idle d",
    "OpenSent o",
    "Idle",
    "OpenSent o",
    "Idle n5/1 d",
    "Idle n5/2 d",
    "Idle n5/3 d",
  ],
  IdleHoldTimer_Expires: [
    "Connect i",
    "Idle d",
    "Idle d",
    "Idle",
    "Idle d",
    "Idle n5/1 d",
    "Idle n5/2 d",
    "Idle n5/3 d",
  ],
  Tcp_CR_Invalid: ["Idle", "Connect", "Connect", "Active", "Active", "OpenSent", "OpenConfirm", "Established"],
  Tcp_CR_Acked: ["Idle", "OpenSent o", "Connect", "OpenSent o", "Active", "OpenSent", "OpenConfirm", "Established"],
  TcpConnectionConfirmed: [
    "Idle",
    "OpenSent o",
    "Connect",
    "OpenSent o",
    "Active",
    "OpenSent",
    "OpenConfirm",
    "Established",
  ],
  TcpConnectionFails: ["Idle", "Idle", "Active", "Idle", "Idle", "Active", "Idle", "Idle"],
  BGPOpen: [
    "Idle",
    "Idle d",
    "OpenConfirm o k",
    "Idle",
    "OpenConfirm o k",
    "OpenConfirm k",
    "Idle n5/2 d",
    "Idle n5/3 d",
  ],
  BGPHeaderErr: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n1/2 d", "Idle n1/2 d", "Idle n1/2 d"],
  BGPOpenMsgErr: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n2/1 d", "Idle n2/1 d", "Idle n5/3 d"],
  OpenCollisionDump: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n6/7 d", "Idle n6/7 d", "Idle n6/7 d"],
  NotifMsgVerErr: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle d", "Idle d", "Idle d"],
  NotifMsg: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle d", "Idle d", "Idle d"],
  KeepAliveMsg: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n5/1 d", "Established", "Established"],
  UpdateMsg: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n5/1 d", "Idle n5/2 d", "Established"],
  UpdateMsgErr: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n5/1 d", "Idle n5/2 d", "Idle n3/1 d"],
  SendHoldTimer_Expires: ["Idle", "Idle d", "Idle d", "Idle", "Idle d", "Idle n5/1 d", "Idle n5/2 d", "Idle n8/0 d"],
  SendProgressed: ["Idle", "Connect", "Connect", "Active", "Active", "OpenSent", "OpenConfirm", "Established"],
};

describe("every event in every state, RFC 4271 §8.2.2", () => {
  for (const type of Object.keys(table) as FsmEventType[]) {
    it(type, () => {
      expect(columns.map((name) => outcome(states[name](), events[type]))).toEqual(table[type]);
    });
  }
});

describe("an OPEN that does not suit", () => {
  const fourOctets = (autonomousSystem: number): readonly Capability[] => [{ type: "FourOctetAs", autonomousSystem }];
  const cases: readonly { readonly name: string; readonly open: OpenMessage; readonly expected: string }[] = [
    { name: "another AS", open: open(65002), expected: "Idle n2/2 d" },
    { name: "AS 0", open: open(0), expected: "Idle n2/2 d" },
    { name: "two AS numbers that disagree", open: open(65002, {}, fourOctets(65001)), expected: "Idle n2/2 d" },
    { name: "AS_TRANS and the AS in four octets", open: open(23456, {}, fourOctets(65001)), expected: "OpenConfirm k" },
    { name: "Hold Time 2", open: open(65001, { holdTime: 2 }), expected: "Idle n2/6 d" },
    { name: "Hold Time 0", open: open(65001, { holdTime: 0 }), expected: "OpenConfirm k" },
    {
      name: "identifier 0.0.0.0",
      open: open(65001, { bgpIdentifier: "0.0.0.0" as Ipv4Address }),
      expected: "Idle n2/3 d",
    },
    {
      name: "our identifier from outside",
      open: open(65001, { bgpIdentifier: config.open.bgpIdentifier }),
      expected: "OpenConfirm k",
    },
    {
      name: "IPv6 alone",
      open: open(65001, {}, [{ type: "Multiprotocol", family: IPV6_UNICAST }]),
      expected: "Idle n2/7 d",
    },
    { name: "no capability: IPv4 is meant", open: open(65001, { optionalParameters: [] }), expected: "OpenConfirm k" },
  ];
  for (const { name, open: received, expected } of cases) {
    it(name, () => expect(outcome(states.OpenSent(), { type: "BGPOpen", open: received })).toBe(expected));
  }

  it("our identifier from inside", () => {
    const internal = createFsm({ ...config, peerAs: "internal" });
    const event: FsmEvent = { type: "BGPOpen", open: open(64512) };
    const step = internal.step(states.OpenSent(), event, at(0));
    expect(step.effects[0]).toMatchObject({ message: { code: 2, subcode: 3 } });
  });
});

describe("timers", () => {
  it("run without a Hold Time neither for the peer nor for KEEPALIVE", () => {
    const step = fsm.step(states.OpenSent(), { type: "BGPOpen", open: open(65001, { holdTime: 0 }) }, at(0));
    expect(fsm.nextDeadline(step.state)).toBeNull();
  });

  it("take the smaller Hold Time and a third of it, with jitter that only shortens", () => {
    const step = fsm.step(states.OpenSent(), { type: "BGPOpen", open: open(65001, { holdTime: 9 }) }, at(0));
    expect(step.state).toMatchObject({ holdTimer: 9_000, negotiated: { holdTime: 9, keepaliveTime: 3 } });
    const due = fsm.nextDeadline(step.state) ?? 0;
    expect(due).toBeGreaterThanOrEqual(2_250);
    expect(due).toBeLessThanOrEqual(3_000);
  });

  it.each([
    { configured: 1, used: 1 },
    { configured: 20, used: 3 },
  ])("take a configured KEEPALIVE time of $configured s, but no more than a third of the Hold Time", (row) => {
    const configured = createFsm({ ...config, keepaliveTime: row.configured });
    const step = configured.step(states.OpenSent(), { type: "BGPOpen", open: open(65001, { holdTime: 9 }) }, at(0));
    expect(step.state).toMatchObject({ negotiated: { keepaliveTime: row.used } });
  });

  it("double the pause after each failure up to two minutes, and start over after a session that lasted", () => {
    const pauses: number[] = [];
    let state: FsmState = { ...states.OpenSent(), connectRetryCounter: 0 };
    for (let n = 0; n < 10; n++) {
      state = fsm.step(
        { ...states.OpenSent(), connectRetryCounter: state.connectRetryCounter },
        events.NotifMsg,
        at(0),
      ).state;
      pauses.push((fsm.nextDeadline(state) ?? 0) / 1000);
    }
    for (const [n, pause] of pauses.entries()) {
      const longest = Math.min(120, 2 ** n);
      expect(pause).toBeGreaterThanOrEqual(0.75 * longest);
      expect(pause).toBeLessThanOrEqual(longest);
    }
    expect(fsm.step(states.Established(), events.NotifMsg, at(60_000)).state.connectRetryCounter).toBe(1);
    expect(fsm.step(states.Established(), events.NotifMsg, at(59_999)).state.connectRetryCounter).toBe(4);
  });
});

it("closes without a NOTIFICATION where a stop has none", () => {
  const silent: FsmEvent = { type: "ManualStop", notification: null };
  expect(columns.map((column) => outcome(states[column](), silent))).toEqual([
    "Idle",
    "Idle d",
    "Idle d",
    "Idle",
    "Idle d",
    "Idle d",
    "Idle d",
    "Idle d",
  ]);
});

it("cuts a Shutdown Communication at a character", () => {
  const { data } = administrativeShutdown("é".repeat(200));
  expect([data.length, data[0]]).toEqual([255, 254]);
});

it("keeps the laws of machines from every state", () => {
  const arbitrary = fc.constantFrom(...Object.values(events));
  for (const machine of [fsm, createFsm({ ...config, passive: true, delayOpenTime: 5_000 })])
    assertMachineLaws(machine, { starts: states, events: arbitrary });
});

import { describe, expect, it } from "vitest";
import { noLostLinks } from "./node-report.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { TakeoverPhase } from "./takeover-state.ts";
import { ADDRESS, KEY, NODES, PHASES, request } from "./takeover.test.fixture.ts";

type Phase = TakeoverPhase["name"];
type EventType = TakeoverEvent["type"];

const EVENTS: Readonly<Record<EventType, TakeoverEvent>> = {
  AnnouncementRequested: { type: "AnnouncementRequested", request: request() },
  AnnouncementWithdrawn: { type: "AnnouncementWithdrawn", key: KEY },
  RequestsListed: { type: "RequestsListed" },
  PeersExpected: { type: "PeersExpected", count: 0 },
  MembersChanged: { type: "MembersChanged", live: ["node-a", "node-b"], joined: [], died: [] },
  NodesListed: { type: "NodesListed", nodes: NODES },
  InterfacesChanged: { type: "InterfacesChanged", names: ["eth0"] },
  TentativeChanged: { type: "TentativeChanged", address: ADDRESS, tentative: true },
  DeathRefuted: { type: "DeathRefuted" },
  LinkRestored: { type: "LinkRestored" },
  PauseNoticed: { type: "PauseNoticed" },
  MembershipConfirmed: { type: "MembershipConfirmed", live: NODES },
  ReportReceived: { type: "ReportReceived", node: "node-a", report: { lostLinks: noLostLinks, owned: new Set() } },
  LinksLost: { type: "LinksLost", links: { interfaces: ["eth0"], prefixes: [] } },
  WatchersLost: { type: "WatchersLost" },
  WatchersHeard: { type: "WatchersHeard" },
  ApiServerProbed: { type: "ApiServerProbed", reached: true },
  OthersReachable: { type: "OthersReachable", count: 0 },
  StopRequested: { type: "StopRequested" },
  LeaveCompleted: { type: "LeaveCompleted" },
};

/** The events that lead from one phase to another; every other event leaves the phase as it is. */
const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<EventType, Phase>>>>> = {
  WaitingForMembers: { PeersExpected: "Deciding", StopRequested: "Leaving" },
  Deciding: { LinkRestored: "Resuming", PauseNoticed: "Resuming", StopRequested: "Leaving" },
  Resuming: { MembershipConfirmed: "Deciding", StopRequested: "Leaving" },
  Isolated: {
    WatchersHeard: "Resuming",
    ApiServerProbed: "Deciding",
    OthersReachable: "Deciding",
    StopRequested: "Leaving",
  },
  Leaving: { LeaveCompleted: "HandingOver" },
  HandingOver: {},
  Stopped: {},
};

const rows = (Object.keys(TRANSITIONS) as Phase[]).flatMap((from) =>
  (Object.keys(EVENTS) as EventType[]).map((event) => ({ from, event, to: TRANSITIONS[from][event] ?? from })),
);

describe("the phases of a takeover", () => {
  it.each(rows)("$from on $event: $to", ({ from, event, to }) => {
    const bench = PHASES[from]();
    expect(bench.phase).toBe(from);
    const effects = bench.step(EVENTS[event]);
    expect(bench.phase).toBe(to);
    if (["Leaving", "HandingOver", "Stopped"].includes(from)) expect(effects).toEqual([]);
  });
});

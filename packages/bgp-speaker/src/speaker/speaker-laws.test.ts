import type { IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { SpeakerEvent } from "./event.ts";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { createBench } from "./bench.test.support.ts";
import { createSpeaker } from "./speaker.ts";
import type { SpeakerState } from "./state.ts";

const router = { name: "router", address: "192.0.2.1" as Ipv4Address, peerAs: 65001 } as const;
const connected = (connection: number): SpeakerEvent => ({
  type: "TcpConnected",
  peer: "router",
  connection,
  local: "192.0.2.10" as Ipv4Address,
});

const accepted = (id: number, address = "192.0.2.1"): SpeakerEvent => ({
  type: "TcpAccepted",
  listener: "IPv4 179 ",
  connection: id,
  address: address as Ipv4Address,
  port: 1,
  interface: null,
  local: "192.0.2.10" as Ipv4Address,
});
const rack = { name: "rack", prefix: "192.0.2.0/24" as IpPrefix, peerAs: 65001, maxSessions: 2 } as const;
const bfd = {
  desiredMinTxInterval: 300,
  requiredMinRxInterval: 300,
  detectMult: 3,
  role: "active",
  minimumTtl: 254,
} as const;
const bfdState = fc.constantFrom("AdminDown", "Down", "Init", "Up");

const starts: Readonly<Record<string, () => SpeakerState>> = {
  Connect: () => createBench().state,
  OpenSent: () => {
    const bench = createBench();
    bench.dispatch(connected(1));
    return bench.state;
  },
  OpenConfirm: () => {
    const bench = createBench();
    bench.dispatch(connected(1));
    bench.receive(peerOpen());
    return bench.state;
  },
  Established: () => {
    const bench = createBench();
    bench.establish();
    return bench.state;
  },
  Idle: () => {
    const bench = createBench();
    bench.establish();
    bench.receive(frame(3, 6, 5));
    return bench.state;
  },
  EstablishedWithBfd: () => {
    const bench = createBench({ bfd, families: ["IPv4"] });
    bench.establish();
    const facts = { state: "Up", diagnostic: 0, remoteState: "Up", remoteDiagnostic: 0 } as const;
    bench.dispatch({ type: "BfdStateChanged", peer: "router", ...facts });
    return bench.state;
  },
  Active: () => createBench({ connectionMode: "passive", delayOpenTime: 5 }).state,
  Collision: () => {
    const bench = createBench({ connectionMode: "both" });
    bench.dispatch(connected(1));
    bench.dispatch(accepted(-1));
    return bench.state;
  },
  EstablishedWithSecond: () => {
    const bench = createBench({ connectionMode: "both" });
    bench.establish();
    bench.dispatch(accepted(-1));
    return bench.state;
  },
  Range: () => {
    const bench = createBench();
    bench.dispatch({ type: "PeersConfigured", peers: [rack] });
    bench.dispatch(accepted(-1, "192.0.2.7"));
    return bench.state;
  },
  Stopping: () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch({ type: "Stop", communication: "" });
    return bench.state;
  },
};

const connection = fc.constantFrom(1, 2, -1, -2);
const peer = fc.constantFrom("router", "router", "rack 192.0.2.7");
const message = fc.constantFrom(
  peerOpen(),
  KEEPALIVE,
  frame(5, 0, 1, 0, 1),
  frame(3, 6, 5),
  frame(2, 0, 0, 0, 0),
  frame(9),
  peerOpen({ as: 1 }),
);
const events: fc.Arbitrary<SpeakerEvent> = fc.oneof(
  connection.map(connected),
  fc
    .tuple(fc.integer({ min: -9, max: -1 }), fc.constantFrom("192.0.2.1", "192.0.2.7", "192.0.2.8"))
    .map(([id, from]) => accepted(id, from)),
  fc
    .tuple(connection, peer)
    .map(([id, name]): SpeakerEvent => ({ type: "TcpClosed", peer: name, connection: id, reason: "closed" })),
  fc.tuple(connection, message, fc.nat(40), peer).map(
    ([id, octets, cut, name]): SpeakerEvent => ({
      type: "OctetsReceived",
      peer: name,
      connection: id,
      octets: cut < 20 ? octets.subarray(0, cut) : octets,
    }),
  ),
  fc
    .tuple(connection, fc.nat(200))
    .map(([id, count]): SpeakerEvent => ({ type: "OctetsWritten", peer: "router", connection: id, count })),
  fc.tuple(bfdState, bfdState).map(
    ([state, remoteState]): SpeakerEvent => ({
      type: "BfdStateChanged",
      peer: "router",
      state,
      diagnostic: 1,
      remoteState,
      remoteDiagnostic: 0,
    }),
  ),
  fc.constantFrom<SpeakerEvent>(
    { type: "PeersConfigured", peers: [] },
    { type: "PeersConfigured", peers: [router] },
    { type: "PeersConfigured", peers: [{ ...router, connectionMode: "passive" }, rack] },
    { type: "PeersConfigured", peers: [{ ...router, connectionMode: "both", delayOpenTime: 5 }, rack] },
    { type: "ListenFailed", listener: "IPv4 179 ", reason: "EACCES" },
    { type: "Listening", listener: "IPv4 179 " },
    { type: "PeersConfigured", peers: [{ ...router, bfd, ttlSecurity: 1 }] },
    { type: "PeersConfigured", peers: [{ ...router, holdTime: 9, gracefulRestart: { restartTime: 120 } }] },
    { type: "RoutesDesired", changes: new Map([["web", []]]) },
    {
      type: "RoutesDesired",
      changes: new Map([["web", [{ prefix: "203.0.113.7/32" as IpPrefix, nextHop: "self", peers: "all" }]]]),
    },
    { type: "Stop", communication: "bye" },
    { type: "Stop", communication: "bye", restarting: true },
  ),
);

it("keeps the laws of machines from every state", () => {
  const machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  assertMachineLaws(machine, { starts, events, runs: 60, inPlace: true });
  const first = (state: SpeakerState): string | undefined => [...state.peers.values()][0]?.fsm.name;
  const expected: Readonly<Record<string, string>> = {
    Stopping: "Idle",
    Collision: "OpenSent",
    EstablishedWithSecond: "Established",
    EstablishedWithBfd: "Established",
    Range: "OpenSent",
  };
  expect(Object.entries(starts).map(([name, start]) => [name, first(start())])).toEqual(
    Object.keys(starts).map((name) => [name, expected[name] ?? name]),
  );
});

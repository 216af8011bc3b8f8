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
  Stopping: () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch({ type: "Stop", communication: "" });
    return bench.state;
  },
};

const connection = fc.constantFrom(1, 2, 3);
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
  connection.map((id): SpeakerEvent => ({ type: "TcpClosed", peer: "router", connection: id, reason: "closed" })),
  fc.tuple(connection, message, fc.nat(40)).map(
    ([id, octets, cut]): SpeakerEvent => ({
      type: "OctetsReceived",
      peer: "router",
      connection: id,
      octets: cut < 20 ? octets.subarray(0, cut) : octets,
    }),
  ),
  fc
    .tuple(connection, fc.nat(200))
    .map(([id, count]): SpeakerEvent => ({ type: "OctetsWritten", peer: "router", connection: id, count })),
  fc.constantFrom<SpeakerEvent>(
    { type: "PeersConfigured", peers: [] },
    { type: "PeersConfigured", peers: [router] },
    { type: "PeersConfigured", peers: [{ ...router, holdTime: 9, gracefulRestart: { restartTime: 120 } }] },
    { type: "RoutesDesired", changes: new Map([["web", []]]) },
    {
      type: "RoutesDesired",
      changes: new Map([["web", [{ prefix: "203.0.113.7/32" as IpPrefix, nextHop: "self", peers: "all" }]]]),
    },
    { type: "Stop", communication: "bye" },
  ),
);

it("keeps the laws of machines from every state", () => {
  const machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  assertMachineLaws(machine, { starts, events, runs: 60, inPlace: true });
  expect(Object.entries(starts).map(([name, start]) => [name, start().peers.get("router")?.fsm.name])).toEqual(
    Object.keys(starts).map((name) => [name, name === "Stopping" ? "Idle" : name]),
  );
});

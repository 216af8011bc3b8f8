import type { IpAddress, IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { PeerConfig } from "../peer-config.ts";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { accepted, configure, LISTENER, receive, rejection, words } from "./passive.test.support.ts";
import { announcedTo, peersOf } from "./peers-of.ts";

const RACK: PeerConfig = { name: "rack", prefix: "192.0.2.0/24" as IpPrefix, peerAs: 65001 };

/** A speaker with these ranges and no other peer. */
function createRanges(...ranges: readonly PeerConfig[]): Bench {
  const bench = createBench();
  configure(bench, ...ranges);
  return bench;
}

/** Has a router connect from an address and come up; returns the state of its session. */
function connect(bench: Bench, id: number, from: string, range = "rack"): string | undefined {
  const name = `${range} ${from}`;
  bench.dispatch(accepted(-id, from));
  receive(bench, -id, peerOpen(), name);
  receive(bench, -id, KEEPALIVE, name);
  return peersOf(bench.state).find((peer) => peer.name === name)?.state;
}

const sessions = (bench: Bench): readonly string[] =>
  peersOf(bench.state).flatMap(({ name, prefix }) => (prefix === null ? [name] : []));

describe("a range of dynamic neighbors", () => {
  it("waits in Active, and gives each router that connects a session of its own", () => {
    const bench = createRanges(RACK);
    expect(peersOf(bench.state)).toMatchObject([{ name: "rack", prefix: "192.0.2.0/24", state: "Active" }]);
    expect(connect(bench, 1, "192.0.2.1")).toBe("Established");
    expect(connect(bench, 2, "192.0.2.2")).toBe("Established");
    expect(rejection(bench.dispatch(accepted(-3, "198.51.100.1")))).toBe("UnknownPeer");
    expect(peersOf(bench.state).slice(1)).toMatchObject([
      { name: "rack 192.0.2.1", configuredName: "rack", address: "192.0.2.1" },
      { name: "rack 192.0.2.2", configuredName: "rack", address: "192.0.2.2" },
    ]);
  });

  it("is meant by routes that name it", () => {
    const bench = createRanges(RACK, { ...RACK, name: "other", prefix: "198.51.100.0/24" as IpPrefix });
    bench.dispatch(desired(["a", [route("203.0.113.7/32", { peers: ["rack"] })]], ["b", [route("203.0.113.8/32")]]));
    connect(bench, 1, "192.0.2.1");
    connect(bench, 2, "198.51.100.1", "other");
    connect(bench, 3, "192.0.2.3");
    const both = ["203.0.113.7/32", "203.0.113.8/32"];
    expect(announcedTo(bench.state, "rack 192.0.2.1")).toEqual(both);
    expect(announcedTo(bench.state, "rack 192.0.2.3")).toEqual(both);
    expect(announcedTo(bench.state, "other 198.51.100.1")).toEqual(["203.0.113.8/32"]);
    bench.dispatch(desired(["c", [route("203.0.113.9/32", { peers: ["other"] })]]));
    expect(announcedTo(bench.state, "rack 192.0.2.1")).toEqual(both);
    expect(announcedTo(bench.state, "other 198.51.100.1")).toEqual(["203.0.113.8/32", "203.0.113.9/32"]);
  });

  it("takes the AS that it names alone", () => {
    const bench = createRanges({ ...RACK, peerAs: "internal" });
    bench.dispatch(accepted(-1));
    expect(words(receive(bench, -1, peerOpen(), "rack 192.0.2.1"))).toEqual(["send -1 2/2", "close -1"]);
  });

  it("gives way to a peer with the address, and to a longer prefix", () => {
    const bench = createRanges(
      RACK,
      { ...RACK, name: "half", prefix: "192.0.2.128/25" as IpPrefix },
      { name: "router", address: "192.0.2.1" as IpAddress, peerAs: 65001, connectionMode: "passive" },
    );
    expect(connect(bench, 1, "192.0.2.200", "half")).toBe("Established");
    bench.dispatch(accepted(-2, "192.0.2.1"));
    expect(sessions(bench)).toEqual(["router", "half 192.0.2.200"]);
  });

  it("has its maximum of sessions, and room for one that is up in place of one that says nothing", () => {
    const bench = createRanges({ ...RACK, maxSessions: 2 });
    connect(bench, 1, "192.0.2.1");
    bench.dispatch(accepted(-2, "192.0.2.2"));
    expect(words(bench.dispatch(accepted(-3, "192.0.2.3")))).toEqual(["close -2", "accept -3", "send -3 OPEN"]);
    receive(bench, -3, peerOpen(), "rack 192.0.2.3");
    receive(bench, -3, KEEPALIVE, "rack 192.0.2.3");
    expect(rejection(bench.dispatch(accepted(-4, "192.0.2.4")))).toBe("TooManySessions");
    expect(sessions(bench)).toEqual(["rack 192.0.2.1", "rack 192.0.2.3"]);
  });

  it("has sixteen sessions at most where it names no number", () => {
    const bench = createRanges(RACK);
    for (let n = 1; n <= 1_000; n++) bench.dispatch(accepted(-n, `192.0.2.${1 + (n % 250)}`));
    expect(sessions(bench)).toHaveLength(16);
  });

  it("forgets a session that has ended after a second, in which its router is refused", () => {
    const bench = createRanges(RACK);
    connect(bench, 1, "192.0.2.1");
    receive(bench, -1, frame(3, 6, 2), "rack 192.0.2.1");
    expect(rejection(bench.dispatch(accepted(-2, "192.0.2.1")))).toBe("Idle");
    bench.wait(1_000);
    expect(sessions(bench)).toEqual([]);
    expect(connect(bench, 3, "192.0.2.1")).toBe("Established");
    bench.dispatch(accepted(-4, "192.0.2.4"));
    bench.dispatch({ type: "TcpClosed", peer: "rack 192.0.2.4", connection: -4, reason: "closed" });
    bench.wait(1_000);
    expect(sessions(bench)).toEqual(["rack 192.0.2.1"]);
  });

  it("ends the sessions that a change does not allow, and no others", () => {
    const bench = createRanges(RACK);
    connect(bench, 1, "192.0.2.1");
    connect(bench, 2, "192.0.2.200");
    expect(words(configure(bench, { ...RACK, connectTime: 3, maxSessions: 5 }))).toEqual([]);
    const half = { ...RACK, prefix: "192.0.2.128/25" as IpPrefix };
    expect(words(configure(bench, half))).toEqual(["send -1 6/3", "close -1"]);
    expect(words(configure(bench, { ...half, holdTime: 9 }))).toEqual(["send -2 6/6", "close -2"]);
    expect(sessions(bench)).toEqual([]);
    expect(configure(bench)).toContainEqual({ type: "StopListening", listener: LISTENER });
    expect(rejection(bench.dispatch(accepted(-3, "192.0.2.200")))).toBe("UnknownPeer");
  });
});

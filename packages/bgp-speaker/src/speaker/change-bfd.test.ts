import { describe, expect, it } from "vitest";
import type { BfdOptions } from "../bfd-options.ts";
import type { PeerConfig } from "../peer-config.ts";
import { peerOpen } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import type { BfdFacts, BfdSessionState } from "./bfd-snapshot.ts";
import type { SpeakerEffect } from "./effect.ts";
import { peersOf } from "./peers-of.ts";

const bfd: BfdOptions = {
  desiredMinTxInterval: 300,
  requiredMinRxInterval: 300,
  detectMult: 3,
  role: "active",
  minimumTtl: 254,
};
const tell = (bench: Bench, state: BfdSessionState, facts: Partial<BfdFacts> = {}): readonly SpeakerEffect[] =>
  bench.dispatch({
    type: "BfdStateChanged",
    peer: "router",
    state,
    diagnostic: 0,
    remoteState: "Up",
    remoteDiagnostic: 0,
    ...facts,
  });
const established = (): Bench => {
  const bench = createBench({ bfd });
  bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
  bench.establish();
  return bench;
};
const stateOf = (bench: Bench): string | undefined => peersOf(bench.state)[0]?.state;
const attempts = (effects: readonly SpeakerEffect[]): number =>
  effects.filter(({ type }) => type === "ConnectTcp").length;

describe("a session with BFD beside it", () => {
  it("comes up without BFD, and stays while BFD only tries", () => {
    const bench = established();
    for (const state of ["Down", "Init", "Down", "AdminDown", "Down"] as const) expect(tell(bench, state)).toEqual([]);
    expect(stateOf(bench)).toBe("Established");
  });

  it("ends at once with Cease/BFD Down when BFD was up and is lost, and names the diagnostics", () => {
    const bench = established();
    bench.wait(5_000);
    tell(bench, "Up");
    const effects = tell(bench, "Down", { diagnostic: 1, remoteDiagnostic: 3 });
    expect(effects.map(({ type }) => type)).toEqual(["SendOctets", "NotificationSent", "CloseTcp", "PeerStateChanged"]);
    expect(effects[1]).toMatchObject({ notification: { code: 6, subcode: 10, name: "Cease/BFD Down" } });
    expect(peersOf(bench.state)[0]).toMatchObject({
      state: "Idle",
      lastError: { code: "BfdDown", diagnostic: 1, remoteDiagnostic: 3, state: "Established", at: 5_000 },
      bfd: { state: "Down", diagnostic: 1, since: 5_000 },
    });
  });

  it.each(["OpenSent", "OpenConfirm"])("ends also in %s", (name) => {
    const bench = createBench({ bfd });
    const local = "192.0.2.10" as never;
    bench.dispatch({ type: "TcpConnected", peer: "router", connection: bench.connection(), local });
    if (name === "OpenConfirm") bench.receive(peerOpen());
    expect(stateOf(bench)).toBe(name);
    tell(bench, "Up");
    tell(bench, "Down", { diagnostic: 1 });
    expect(stateOf(bench)).toBe("Idle");
  });

  it("lives on when either side takes BFD down on purpose", () => {
    for (const facts of [
      { state: "Down", diagnostic: 3, remoteState: "AdminDown", remoteDiagnostic: 7 },
      { state: "AdminDown", diagnostic: 7 },
    ] as const) {
      const bench = established();
      tell(bench, "Up");
      expect(tell(bench, facts.state, facts)).toEqual([]);
      // What follows is no loss either: BFD has told nothing of the path since.
      expect(tell(bench, "Down", { diagnostic: 1, remoteState: "Down" })).toEqual([]);
      expect(stateOf(bench)).toBe("Established");
    }
  });

  it("tries again as soon as BFD is up, from each state in which it waits", () => {
    const idle = established();
    tell(idle, "Up");
    tell(idle, "Down", { diagnostic: 1 });
    expect(attempts(tell(idle, "Up"))).toBe(1);
    expect(stateOf(idle)).toBe("Connect");

    const connecting = createBench({ bfd });
    const first = connecting.connection();
    const effects = tell(connecting, "Up");
    expect(effects).toMatchObject([{ type: "CloseTcp", connection: first }, { type: "ConnectTcp" }]);

    const active = createBench({ bfd });
    const [local, connection] = ["192.0.2.10" as never, active.connection()];
    active.dispatch({ type: "TcpConnected", peer: "router", connection, local });
    active.dispatch({ type: "TcpClosed", peer: "router", connection, reason: "ECONNRESET" });
    expect(stateOf(active)).toBe("Active");
    expect(attempts(tell(active, "Up"))).toBe(1);
  });

  it("waits as after any failure where BFD stays down, and comes up without it", () => {
    const bench = established();
    tell(bench, "Up");
    tell(bench, "Down", { diagnostic: 1 });
    expect(attempts(bench.wait(700))).toBe(0);
    expect(attempts(bench.wait(300))).toBe(1);
    bench.establish();
    expect(stateOf(bench)).toBe("Established");
  });

  it("tries nothing once it was stopped", () => {
    const bench = established();
    bench.dispatch({ type: "Stop", communication: "" });
    expect(attempts(tell(bench, "Up"))).toBe(0);
  });

  it("outlives a change of the options, their end and their return", () => {
    const bench = established();
    const config = (more: Partial<PeerConfig>): PeerConfig => ({
      name: "router",
      address: "192.0.2.1" as never,
      peerAs: 65001,
      families: ["IPv4", "IPv6"],
      ...more,
    });
    tell(bench, "Up");
    for (const more of [{ bfd: { ...bfd, detectMult: 5 } }, {}, { bfd }]) {
      expect(bench.dispatch({ type: "PeersConfigured", peers: [config(more)] })).toEqual([]);
      expect(peersOf(bench.state)[0]?.bfd?.state).toBe("bfd" in more ? (more.bfd === bfd ? "Down" : "Up") : undefined);
    }
    // What was up under the options that ended is not lost now.
    expect(tell(bench, "Down", { diagnostic: 1 })).toEqual([]);
    expect(stateOf(bench)).toBe("Established");
  });

  it("ignores BFD without the option, and of an unknown peer", () => {
    const bench = createBench();
    bench.establish();
    tell(bench, "Up");
    expect(tell(bench, "Down", { diagnostic: 1 })).toEqual([]);
    expect(peersOf(bench.state)[0]?.bfd).toBeNull();
    expect(
      bench.dispatch({
        type: "BfdStateChanged",
        peer: "nobody",
        state: "Up",
        diagnostic: 0,
        remoteState: "Up",
        remoteDiagnostic: 0,
      }),
    ).toEqual([]);
  });

  it("keeps the instant of the last change of state", () => {
    const bench = established();
    tell(bench, "Up");
    bench.wait(1_000);
    tell(bench, "Up", { remoteDiagnostic: 1 });
    expect(peersOf(bench.state)[0]?.bfd).toEqual({
      state: "Up",
      diagnostic: 0,
      remoteState: "Up",
      remoteDiagnostic: 1,
      since: 0,
    });
  });
});

describe("the TTL of a connection", () => {
  it.each<{ readonly name: string; readonly peer: Partial<PeerConfig>; readonly expected: readonly (number | null)[] }>(
    [
      { name: "external: the next router alone", peer: {}, expected: [1, null] },
      { name: "external, several hops", peer: { ebgpMultiHop: true }, expected: [null, null] },
      { name: "internal by number", peer: { peerAs: 64512 }, expected: [null, null] },
      { name: "internal by kind", peer: { peerAs: "internal" }, expected: [null, null] },
      { name: "GTSM, on the link", peer: { ttlSecurity: 1 }, expected: [255, 255] },
      { name: "GTSM, behind two routers", peer: { ttlSecurity: 3 }, expected: [255, 253] },
      { name: "GTSM, internal", peer: { ttlSecurity: 254, peerAs: "internal" }, expected: [255, 2] },
    ],
  )("$name", ({ peer, expected }) => {
    const [connect] = createBench(peer).effects;
    expect(connect?.type === "ConnectTcp" && [connect.ttl, connect.minTtl]).toEqual(expected);
  });
});

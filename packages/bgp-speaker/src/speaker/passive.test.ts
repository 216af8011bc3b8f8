import type { IpAddress, Ipv4Address } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { createBench, desired, route } from "./bench.test.support.ts";
import { accepted, configure, LISTENER, receive, rejection, ROUTER, words } from "./passive.test.support.ts";
import { peersOf } from "./peers-of.ts";

describe("a passive session", () => {
  it("opens no connection, takes the peer's, and announces", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    expect(words(bench.wait(600_000))).toEqual([]);
    expect(words(bench.dispatch(accepted(-1)))).toEqual(["accept -1", "send -1 OPEN"]);
    receive(bench, -1, peerOpen());
    receive(bench, -1, KEEPALIVE);
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Established", announcedPrefixes: 1 });
    expect([...bench.model.held.keys()]).toEqual(["4 cb007107/32"]);
  });

  it("waits for the next connection when one ends, after a pause where it failed", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    bench.dispatch({ type: "TcpClosed", peer: "router", connection: -1, reason: "closed" });
    expect(words(bench.dispatch(accepted(-2)))).toEqual(["accept -2", "send -2 OPEN"]);
    expect(words(receive(bench, -2, peerOpen({ as: 1 })))).toEqual(["send -2 2/2", "close -2"]);
    expect(rejection(bench.dispatch(accepted(-3)))).toBe("Idle");
    bench.wait(2_000);
    expect(rejection(bench.dispatch(accepted(-4)))).toBeNull();
  });

  it("lets its OPEN wait for the peer's where DelayOpen says so", () => {
    const bench = createBench({ connectionMode: "passive", delayOpenTime: 5 });
    expect(words(bench.dispatch(accepted(-1)))).toEqual(["accept -1"]);
    expect(words(receive(bench, -1, peerOpen()))).toEqual(["send -1 OPEN", "send -1 KEEPALIVE"]);
    const late = createBench({ connectionMode: "passive", delayOpenTime: 5 });
    late.dispatch(accepted(-1));
    expect(words(late.wait(4_999))).toEqual([]);
    expect(words(late.wait(1))).toEqual(["send -1 OPEN"]);
  });

  it("is told the TTL of its connection as one that we open", () => {
    const ttls = [{}, { ebgpMultiHop: true }, { peerAs: 64512 }].map((more) =>
      createBench({ connectionMode: "passive", ...more })
        .dispatch(accepted(-1))
        .flatMap((effect) => (effect.type === "AcceptTcp" ? [effect.ttl] : [])),
    );
    expect(ttls).toEqual([[1], [null], [null]]);
  });

  it("opens no connection, and keeps the peer's, when BFD comes up", () => {
    const bfd = {
      desiredMinTxInterval: 300,
      requiredMinRxInterval: 300,
      detectMult: 3,
      role: "active",
      minimumTtl: 254,
    };
    const bench = createBench({ connectionMode: "passive", delayOpenTime: 5, bfd } as never);
    const facts = { diagnostic: 0, remoteState: "Up", remoteDiagnostic: 0 } as const;
    const tell = (state: "Up" | "Down"): readonly string[] =>
      words(bench.dispatch({ type: "BfdStateChanged", peer: "router", state, ...facts }));
    expect(tell("Up")).toEqual([]);
    expect(tell("Down")).toEqual([]);
    bench.dispatch(accepted(-1));
    expect(tell("Up")).toEqual([]);
    expect(words(receive(bench, -1, peerOpen()))).toEqual(["send -1 OPEN", "send -1 KEEPALIVE"]);
  });

  it("keeps its session when either side may open it from now on, and begins anew where it has none", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    receive(bench, -1, peerOpen());
    receive(bench, -1, KEEPALIVE);
    expect(words(configure(bench, { ...ROUTER, connectionMode: "both", delayOpenTime: 3 }))).toEqual([]);
    const waiting = createBench({ connectionMode: "passive" });
    configure(waiting, ROUTER);
    expect(words(waiting.wait(1_000))).toEqual(["connect 1"]);
  });
});

describe("a connection that is not for us", () => {
  it.each([
    {
      name: "of a stranger",
      config: { connectionMode: "passive" as const },
      from: "192.0.2.77",
      reason: "UnknownPeer",
    },
    { name: "of a peer that does not connect", config: {}, from: "192.0.2.1", reason: "NotExpected" },
    {
      name: "to another address of the node",
      config: { connectionMode: "both" as const, sourceAddress: "192.0.2.11" as Ipv4Address },
      from: "192.0.2.1",
      reason: "NotExpected",
    },
    {
      name: "to another port",
      config: { connectionMode: "both" as const, listenPort: 1179 },
      from: "192.0.2.1",
      reason: "NotExpected",
    },
  ])("$name is refused", ({ config, from, reason }) => {
    const bench = createBench(config);
    const before = bench.state.peers.get("router")?.fsm;
    const effects = bench.dispatch(accepted(-1, from));
    expect(effects).toEqual([{ type: "RejectTcp", connection: -1, address: from as IpAddress, port: 40_000, reason }]);
    expect(bench.state.peers.get("router")?.fsm).toEqual(before);
  });

  it("is refused while the speaker stops, which listens no more", () => {
    const bench = createBench({ connectionMode: "passive" });
    const effects = bench.dispatch({ type: "Stop", communication: "" });
    expect(effects).toContainEqual({ type: "StopListening", listener: LISTENER });
    expect(rejection(bench.dispatch(accepted(-1)))).toBe("Stopping");
  });
});

describe("a thousand connections", () => {
  it("of strangers leave nothing behind", () => {
    const bench = createBench({ connectionMode: "passive" });
    const before = structuredClone(bench.state);
    for (let n = 1; n <= 1_000; n++) bench.dispatch(accepted(-n, `198.51.100.${n % 250}`));
    expect(bench.state).toEqual(before);
  });

  it.each(["passive", "both"] as const)(
    "of a configured peer that says nothing hold two at most (%s)",
    (connectionMode) => {
      const bench = createBench({ connectionMode });
      const open = new Set<number>();
      for (let n = 1; n <= 1_000; n++) {
        for (const effect of bench.dispatch(accepted(-n))) {
          if (effect.type === "AcceptTcp") open.add(effect.connection);
          if (effect.type === "CloseTcp") open.delete(effect.connection);
        }
        expect(open.size).toBeLessThanOrEqual(2);
      }
      // The newest is the one that is looked at: of a router that has restarted, the older ones are dead.
      receive(bench, -1_000, peerOpen());
      receive(bench, -1_000, KEEPALIVE);
      expect(peersOf(bench.state)[0]?.state).toBe("Established");
    },
  );

  it("of a configured peer with a wrong OPEN get an answer a second at most", () => {
    for (const connectionMode of ["passive", "both"] as const) {
      const bench = createBench({ connectionMode });
      let taken = 0;
      for (let n = 1; n <= 1_000; n++) {
        if (rejection(bench.dispatch(accepted(-n))) === null) taken++;
        receive(bench, -n, peerOpen({ as: 1 }));
        bench.wait(10);
      }
      expect(taken).toBeLessThanOrEqual(11);
    }
  });

  it("leave an established session alone", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    receive(bench, -1, peerOpen());
    receive(bench, -1, KEEPALIVE);
    for (let n = 2; n <= 1_000; n++) {
      bench.dispatch(accepted(-n));
      receive(bench, -n, n % 2 === 0 ? peerOpen() : frame(9));
    }
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Established", establishedCount: 1 });
  });
});

describe("the octets of a passive session", () => {
  it("may come one at a time", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    for (const octet of [...peerOpen(), ...KEEPALIVE]) receive(bench, -1, Uint8Array.of(octet));
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("that never make a whole OPEN end with the large Hold Time", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    for (const octet of peerOpen().subarray(0, 20)) {
      bench.wait(10_000);
      receive(bench, -1, Uint8Array.of(octet));
    }
    expect(words(bench.wait(40_000))).toEqual(["send -1 4/0", "close -1"]);
  });
});

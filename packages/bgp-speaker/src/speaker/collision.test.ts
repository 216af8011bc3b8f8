import type { Ipv4Address } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { accepted, LOCAL, receive, words } from "./passive.test.support.ts";
import { peersOf } from "./peers-of.ts";

const HIGHER = "192.0.2.10" as Ipv4Address;
const LOWER = "10.0.0.1" as Ipv4Address;
/** The identifier of the router, whose AS is the larger number. */
const EQUAL = "192.0.2.1" as Ipv4Address;
const OURS = 1;
const THEIRS = -1;

/** A session of both sides with our connection open. */
function createOpen(bgpIdentifier: Ipv4Address, more: Parameters<typeof createBench>[0] = {}): Bench {
  const bench = createBench({ connectionMode: "both", bgpIdentifier, ...more });
  bench.dispatch({ type: "TcpConnected", peer: "router", connection: OURS, local: LOCAL });
  return bench;
}

describe("two connections with a router", () => {
  it.each([
    { name: "our identifier is higher", bgpIdentifier: HIGHER, kept: OURS },
    { name: "our identifier is lower", bgpIdentifier: LOWER, kept: THEIRS },
    { name: "the identifiers are equal and our AS is the smaller number", bgpIdentifier: EQUAL, kept: THEIRS },
    {
      name: "the identifiers are equal and our AS is the larger number",
      bgpIdentifier: EQUAL,
      more: { localAs: 65_100 },
      kept: OURS,
    },
  ])("end as one with the first OPEN, on whichever it comes: $name", ({ bgpIdentifier, more, kept }) => {
    const lost = kept === OURS ? THEIRS : OURS;
    for (const on of [OURS, THEIRS]) {
      const bench = createOpen(bgpIdentifier, more);
      expect(words(bench.dispatch(accepted(THEIRS)))).toEqual([`accept ${THEIRS}`, `send ${THEIRS} OPEN`]);
      const effects = words(receive(bench, on, peerOpen()));
      expect(effects).toContain(`send ${lost} 6/7`);
      expect(effects).toContain(`close ${lost}`);
      expect(effects).not.toContain(`close ${kept}`);
      if (on !== kept) receive(bench, kept, peerOpen());
      receive(bench, kept, KEEPALIVE);
      expect(peersOf(bench.state)[0]).toMatchObject({ state: "Established", establishedCount: 1 });
      expect(bench.state.peers.get("router")).toMatchObject({ second: null, connection: { id: kept } });
      bench.dispatch({ type: "TcpClosed", peer: "router", connection: lost, reason: "closed" });
      expect(peersOf(bench.state)[0]?.state).toBe("Established");
    }
  });

  it("end as the router's while ours is not open yet", () => {
    const bench = createBench({ connectionMode: "both" });
    bench.dispatch(accepted(THEIRS));
    expect(words(receive(bench, THEIRS, peerOpen()))).toEqual([`close ${OURS}`, `send ${THEIRS} KEEPALIVE`]);
    receive(bench, THEIRS, KEEPALIVE);
    bench.dispatch({ type: "TcpConnected", peer: "router", connection: OURS, local: LOCAL });
    expect(bench.state.peers.get("router")).toMatchObject({ second: null, connection: { id: THEIRS } });
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("end as the one that is established, whatever the identifiers", () => {
    const bench = createOpen(LOWER);
    receive(bench, OURS, peerOpen());
    receive(bench, OURS, KEEPALIVE);
    bench.dispatch(accepted(THEIRS));
    expect(words(receive(bench, THEIRS, peerOpen()))).toEqual([`send ${THEIRS} 6/7`, `close ${THEIRS}`]);
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("end as the newer where the router restarts gracefully, without a NOTIFICATION, and it is told everything", () => {
    const restart = [64, 6, 0, 120, 0, 1, 1, 0];
    const bench = createOpen(HIGHER, { gracefulRestart: { restartTime: 120 } });
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    receive(bench, OURS, peerOpen({ extra: restart }));
    receive(bench, OURS, KEEPALIVE);
    bench.dispatch(accepted(THEIRS));
    expect(words(receive(bench, THEIRS, peerOpen({ extra: restart })))).toEqual([
      `close ${OURS}`,
      `send ${THEIRS} KEEPALIVE`,
    ]);
    receive(bench, THEIRS, KEEPALIVE);
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Established", establishedCount: 2, announcedPrefixes: 1 });
  });

  it("end by the identifiers while one is in OpenConfirm", () => {
    const bench = createOpen(LOWER);
    receive(bench, OURS, peerOpen());
    bench.dispatch(accepted(THEIRS));
    expect(words(receive(bench, THEIRS, peerOpen()))).toEqual([
      `send ${OURS} 6/7`,
      `close ${OURS}`,
      `send ${THEIRS} KEEPALIVE`,
    ]);
  });

  it("stay two where an OPEN does not suit: that one ends by it", () => {
    const bench = createOpen(LOWER);
    bench.dispatch(accepted(THEIRS));
    expect(words(receive(bench, THEIRS, peerOpen({ as: 1 })))).toEqual([`send ${THEIRS} 2/2`, `close ${THEIRS}`]);
    receive(bench, OURS, peerOpen());
    receive(bench, OURS, KEEPALIVE);
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("of the router's own end as the newer, which a restarted router has", () => {
    const bench = createBench({ connectionMode: "passive" });
    bench.dispatch(accepted(-1));
    receive(bench, -1, peerOpen());
    bench.dispatch(accepted(-2));
    expect(words(receive(bench, -2, peerOpen()))).toEqual(["send -1 6/7", "close -1", "send -2 KEEPALIVE"]);
  });

  it("go on as one when the first is lost before the OPEN", () => {
    const bench = createOpen(HIGHER);
    bench.dispatch(accepted(THEIRS));
    bench.dispatch({ type: "TcpClosed", peer: "router", connection: OURS, reason: "ECONNRESET" });
    expect(words(receive(bench, THEIRS, peerOpen()))).toEqual([`send ${THEIRS} KEEPALIVE`]);
    receive(bench, THEIRS, KEEPALIVE);
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("both end with a Cease when the peer is taken away, or the speaker stops", () => {
    for (const event of [
      { type: "PeersConfigured", peers: [] },
      { type: "Stop", communication: "" },
    ] as const) {
      const bench = createOpen(HIGHER);
      bench.dispatch(accepted(THEIRS));
      const effects = words(bench.dispatch(event));
      const subcode = event.type === "Stop" ? 2 : 3;
      for (const id of [OURS, THEIRS]) {
        expect(effects).toContain(`send ${id} 6/${subcode}`);
        expect(effects).toContain(`close ${id}`);
      }
    }
  });

  it("have a Hold Timer each", () => {
    const bench = createOpen(HIGHER);
    bench.wait(1_000);
    bench.dispatch(accepted(THEIRS));
    expect(words(bench.wait(239_000))).toEqual([`send ${OURS} 4/0`, `close ${OURS}`]);
    expect(words(bench.wait(1_000))).toContain(`send ${THEIRS} 4/0`);
  });
});

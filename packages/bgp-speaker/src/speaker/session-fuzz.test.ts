import { createRandom } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { FuzzWalk, PREFIXES } from "./session-fuzz.test.support.ts";

/** The number of events; a long run sets `HERALD_FUZZ`. */
const COUNT = Number(process.env["HERALD_FUZZ"] ?? 100_000);
/** The peers of the walk: three of their own, and three of a range. */
const PEERS = 6;

describe("a speaker among routers that send anything", () => {
  it(`neither throws nor keeps more than its bounds, over ${COUNT} events`, () => {
    const walk = new FuzzWalk(createRandom(Number(process.env["HERALD_FUZZ_SEED"] ?? 1)));
    const established = new Set<string>();
    for (let event = 0; event < COUNT; event++) {
      walk.step();
      for (const [name, { fsm }] of walk.state.peers) if (fsm.name === "Established") established.add(name);
      if (event % 100 > 0) continue;
      const { peers, timers, closing, locRib, listeners, adjRibsOut } = walk.state;
      expect(peers.size).toBeLessThanOrEqual(PEERS);
      expect(timers.due.size).toBeLessThanOrEqual(PEERS);
      expect(timers.heap.length).toBeLessThanOrEqual(64);
      expect(listeners.size).toBeLessThanOrEqual(2);
      // Each peer has one connection, and a second while it is not known which of the two is kept.
      expect(walk.connections.size + closing.size).toBeLessThanOrEqual(2 * PEERS);
      expect(locRib.byPrefix.size).toBeLessThanOrEqual(PREFIXES);
      expect(locRib.byId.length).toBeLessThanOrEqual(2 * PREFIXES);
      expect(adjRibsOut.subgroupOf.size).toBeLessThanOrEqual(PEERS);
      for (const { connection, second } of peers.values()) {
        expect(connection?.pending.length ?? 0).toBeLessThanOrEqual(65_535);
        expect(second?.connection?.pending.length ?? 0).toBeLessThanOrEqual(65_535);
      }
    }
    // The walk is worth something only where sessions come up.
    expect([...established].filter((name) => !name.startsWith("range "))).toHaveLength(3);
    expect([...established].some((name) => name.startsWith("range "))).toBe(true);
  }, 7_200_000);
});

import { octetsFromHex, hexOf } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { running, Segment, watch } from "./takeover-network.test.fixture.ts";
import { NODES } from "./takeover.test.fixture.ts";

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
const PROBE = { conflictPolicy: "Probe" } as const;
/** A station that is no speaker, as a claim of the address. */
const RIVAL = "02005e005399";
const CLAIM = octetsFromHex(`ffffffffffff${RIVAL}08060001080006040001${RIVAL}0a0000010000000000000a000001`);
/** The time in which an announcement follows a decision that no probe delays, in milliseconds: a round trip on the segment. */
const ROUND_TRIP = 3;

/** Lets a station answer every frame that asks for the address. */
function addRival(segment: Segment): void {
  segment.onFrame = (octets, answer) => {
    if (hexOf(octets.subarray(38, 42)) === "0a000001") answer(CLAIM);
  };
}

/** The time at which a node claimed the address first after `since`; undefined where it did not. */
function firstClaim(segment: Segment, of: string, since: number): number | undefined {
  return segment.claims.find(({ node, at }) => node === of && at >= since)?.at;
}

describe("speakers that probe before the first announcement", () => {
  it.each(SEEDS)("announce an address that nobody has, once, and find no rival (seed %i)", (seed) => {
    const segment = new Segment(seed, PROBE);
    for (const name of NODES) segment.start(name, 400);
    expect(watch(segment, 10_000)).toEqual(["", "node-b"]);
    expect(segment.rivals).toEqual([]);
  });

  it.each(SEEDS)(
    "take over from a dead announcer, and from one that leaves, as if there were no probe (seed %i)",
    (seed) => {
      for (const changes of [{}, PROBE]) {
        const segment = running(seed, changes);
        segment.kill("node-b");
        expect(watch(segment, 10_000)).toEqual(["", "node-a"]);
        const stopAt = segment.clock.now();
        segment.stop("node-a");
        const seen = watch(segment, 10_000);
        expect(seen).not.toContain("");
        // The membership's word takes at most 200 ms.
        expect(firstClaim(segment, "node-c", stopAt)).toBeLessThan(stopAt + 200 + ROUND_TRIP);
        expect(segment.rivals).toEqual([]);
      }
    },
  );

  it.each(SEEDS)(
    "start beside one that serves: no probe delays the takeover, and the other is no rival (seed %i)",
    (seed) => {
      const segment = new Segment(seed, PROBE);
      segment.start("node-a");
      segment.start("node-c");
      watch(segment, 10_000);
      segment.start("node-b", 400);
      const seen: string[] = [];
      let decidedAt: number | null = null;
      for (let at = 0; at < 10_000; at++) {
        segment.clock.advanceBy(1);
        const { phase } = segment.speakers.get("node-b")?.takeover.state ?? {};
        if (decidedAt === null && phase?.name === "Deciding") decidedAt = segment.clock.now();
        seen.push(...segment.answering());
      }
      expect(new Set(seen)).toEqual(new Set(["node-a", "node-b"]));
      expect(segment.answering()).toEqual(["node-b"]);
      expect(firstClaim(segment, "node-b", 0)).toBeLessThan((decidedAt ?? 0) + ROUND_TRIP);
      expect(segment.rivals).toEqual([]);
    },
  );

  it.each(SEEDS)(
    "do not announce an address that a rival has, on whatever node, and take it within five seconds after (seed %i)",
    (seed) => {
      const segment = new Segment(seed, PROBE);
      addRival(segment);
      for (const name of NODES) segment.start(name, 400);
      expect(watch(segment, 20_000)).toEqual([""]);
      expect(segment.rivals).toEqual(["node-b: 02:00:5e:00:53:99"]);
      // The next node probes as well: what the dead one was to announce was never announced.
      segment.kill("node-b");
      expect(watch(segment, 20_000)).toEqual([""]);
      expect(segment.rivals).toEqual(["node-b: 02:00:5e:00:53:99", "node-a: 02:00:5e:00:53:99"]);
      segment.stop("node-a");
      expect(watch(segment, 20_000)).toEqual([""]);
      segment.onFrame = null;
      expect(watch(segment, 5_000)).toEqual(["", "node-c"]);
    },
  );

  it.each(SEEDS)("give an address up to a rival together, and take it back together (seed %i)", (seed) => {
    const segment = running(seed, { onConflict: "Yield" });
    addRival(segment);
    segment.send(CLAIM);
    expect(watch(segment, 5_000)).toEqual(["node-b", ""]);
    segment.kill("node-b");
    expect(watch(segment, 10_000)).toEqual([""]);
    segment.onFrame = null;
    expect(watch(segment, 5_000)).toEqual(["", "node-a"]);
    // A speaker that returns is no rival, though it claims the address before the others know it again.
    segment.start("node-b", 400);
    const seen = watch(segment, 10_000);
    expect(seen).not.toContain("");
    expect(seen.at(-1)).toBe("node-b");
    expect(new Set(segment.rivals.map((line) => line.slice(8)))).toEqual(new Set(["02:00:5e:00:53:99"]));
  });
});

import { describe, expect, it } from "vitest";
import { DEFEND_DELAY, PROBE_AGAIN } from "../constants.ts";
import { Bench, claim, isSilent, OTHER, RIVAL, ROUND, VIP } from "./probing.test.fixture.ts";

describe("an announced address that a rival claims", () => {
  const announced = (onConflict: "Defend" | "Yield"): Bench => {
    const bench = new Bench().announce(onConflict).wait(10_000);
    bench.take();
    return bench;
  };

  it("is defended, and goes on", () => {
    const bench = announced("Defend").receive(claim(RIVAL)).wait(20_000);
    expect(bench.take().filter((line) => line.includes("Announcement"))).toHaveLength(2);
    expect(bench.answers()).toBe(true);
  });

  it("is given up, and announced again once the rival is gone", () => {
    const bench = announced("Yield").receive(claim(RIVAL));
    expect(bench.take()).toEqual(["10000 Conflict", "10000 Conflict"]);
    const at = 10_000 + DEFEND_DELAY;
    bench.wait(DEFEND_DELAY);
    expect(bench.take()).toEqual([`${at} RivalFound ${RIVAL} on 1`, `${at} TentativeChanged true`]);
    expect(bench.answers()).toBe(false);
    for (let i = 0; i < 30; i++) expect(isSilent(bench.wait(1_000).receive(claim(RIVAL)).take())).toBe(true);
    bench.wait(PROBE_AGAIN + ROUND);
    const lines = bench.take();
    expect(lines).toContain(`${bench.now} RivalGone on 1`);
    expect(lines).toContain(`${bench.now} TentativeChanged false`);
    expect(bench.answers()).toBe(true);
  });

  it("is not given up to a speaker that is known, or becomes known in time; the claim of one that is known is no conflict", () => {
    for (const knownAt of [0, 400]) {
      const bench = announced("Yield");
      const know = (): Bench => bench.event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) });
      if (knownAt === 0) know();
      const conflicts = bench.receive(claim(OTHER)).take().length;
      expect(conflicts).toBe(knownAt === 0 ? 1 : 2);
      bench.wait(400);
      know();
      bench.take();
      expect(
        bench
          .wait(10_000)
          .take()
          .some((line) => /RivalFound|Tentative/.test(line)),
      ).toBe(false);
      expect(bench.answers()).toBe(true);
    }
  });

  it("is not given up where this node is handing over", () => {
    const bench = announced("Yield").receive(claim(RIVAL)).event({ type: "HandoverStarted" });
    bench.take();
    expect(bench.wait(10_000).take()).toEqual([]);
  });

  it("stays given up when the same is wanted again with the address as tentative", () => {
    const bench = announced("Yield").receive(claim(RIVAL)).wait(DEFEND_DELAY);
    bench.take();
    expect(bench.probe([VIP], "web", "Yield").take()).toEqual([]);
    expect(bench.announce("Defend").take()).toContain(`${bench.now} RivalGone on 1`);
  });
});

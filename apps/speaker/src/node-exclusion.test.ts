import { instant } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { NodeExclusion } from "./node-exclusion.ts";

function bench() {
  const world = createVirtualClock(1_000);
  let passed = 0;
  const exclusion = new NodeExclusion(world, () => passed++);
  return { world, exclusion, passed: () => passed };
}

describe("the exclusion of a node", () => {
  it("that was there at the first look began long ago, and is waited for no more", () => {
    const { world, exclusion, passed } = bench();
    expect(exclusion.look(true)).toBe(Number.POSITIVE_INFINITY);
    exclusion.await(10_000);
    expect(world.nextWake()).toBeNull();
    expect(passed()).toBe(0);
  });

  it("that comes later is counted from then, and each time is told once", () => {
    const { world, exclusion, passed } = bench();
    expect(exclusion.look(false)).toBe(Number.POSITIVE_INFINITY);
    expect(exclusion.look(true)).toBe(0);
    exclusion.await(5_000);
    exclusion.await(5_000);
    exclusion.await(7_000);
    world.advanceTo(instant(3_000));
    expect(exclusion.look(true)).toBe(2_000);
    world.advanceTo(instant(6_000));
    expect(passed()).toBe(1);
    exclusion.await(5_000);
    world.advanceTo(instant(60_000));
    expect(passed()).toBe(2);
  });

  it("that ends and comes again is counted anew", () => {
    const { world, exclusion } = bench();
    exclusion.look(false);
    exclusion.look(true);
    world.advanceTo(instant(9_000));
    exclusion.look(false);
    world.advanceTo(instant(10_000));
    expect(exclusion.look(true)).toBe(0);
  });
});

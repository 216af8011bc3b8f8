import { createVirtualClock } from "@herald-lb/sansio/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { collectWhenIdle } from "./idle-collection.ts";

const MB = 1_000_000;
let cpu: number;
let used: number;
let collections: number;
let clock: ReturnType<typeof createVirtualClock>;

beforeEach(() => {
  cpu = 0;
  used = 20 * MB;
  collections = 0;
  clock = createVirtualClock();
  collectWhenIdle(clock, {
    cpu: () => cpu,
    used: () => used,
    collect: () => {
      collections++;
      used = 10 * MB;
    },
  });
});

describe("the collection of an idle process", () => {
  it("waits until the process has no more work", () => {
    cpu += 4_000;
    clock.advanceBy(5_000);
    expect(collections).toBe(0);
    clock.advanceBy(5_000);
    expect(collections).toBe(1);
  });

  it("does nothing while the heap has not grown since", () => {
    clock.advanceBy(5_000);
    used += 1 * MB;
    clock.advanceBy(60_000);
    expect(collections).toBe(1);
  });

  it("collects again after the next burst", () => {
    clock.advanceBy(5_000);
    used += 3 * MB;
    clock.advanceBy(5_000);
    expect(collections).toBe(2);
  });
});

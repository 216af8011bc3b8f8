import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { PacedSignal } from "./paced-signal.ts";

function bench(): { readonly clock: VirtualClock; readonly signal: PacedSignal; readonly at: number[] } {
  const clock = createVirtualClock();
  const at: number[] = [];
  const signal = new PacedSignal(clock, () => void at.push(clock.now()), { shortest: 2_000, longest: 16_000 });
  return { clock, signal, at };
}

describe("PacedSignal", () => {
  it("signals the first change at once and the others of a burst together, the last one included", () => {
    const { clock, signal, at } = bench();
    for (let change = 0; change < 300; change++) {
      signal.touch();
      clock.advanceBy(5);
    }
    clock.advanceBy(60_000);
    expect(at).toEqual([0, 2_000]);
    expect(clock.nextWake()).toBeNull();
  });

  it("signals ever more rarely while something flaps, and at once again after a quiet time", () => {
    const { clock, signal, at } = bench();
    for (let change = 0; change < 620; change++) {
      signal.touch();
      clock.advanceBy(100);
    }
    expect(at).toEqual([0, 2_000, 6_000, 14_000, 30_000, 46_000, 62_000]);
    clock.advanceBy(60_000);
    const quiet = clock.now();
    signal.touch();
    signal.touch();
    clock.advanceBy(2_000);
    expect(at.slice(7)).toEqual([quiet, quiet + 2_000]);
  });

  it("gives no signal after its end", () => {
    const { clock, signal, at } = bench();
    signal.touch();
    signal.touch();
    signal.end();
    signal.touch();
    clock.advanceBy(60_000);
    expect(at).toEqual([0]);
  });
});

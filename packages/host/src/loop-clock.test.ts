import { type Instant, instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { createLoopClock, pollTimeout } from "./loop-clock.ts";

describe("createLoopClock", () => {
  it("fires what is due, in order of time, and what is asked for meanwhile only in the next round", () => {
    let now: Instant = instant(0);
    const clock = createLoopClock(() => now);
    const fired: string[] = [];
    clock.wakeAt(instant(20), () => fired.push("b"));
    clock.wakeAt(instant(10), () => {
      fired.push("a");
      clock.wakeAt(instant(5), () => fired.push("late"));
    });
    clock.wakeAt(instant(20), () => fired.push("c"));
    clock.wakeAt(instant(30), () => fired.push("d"));
    expect(clock.nextWake()).toBe(10);
    clock.fireDue();
    expect(fired).toEqual([]);
    now = instant(20);
    clock.fireDue();
    expect(fired).toEqual(["a", "b", "c"]);
    expect(clock.nextWake()).toBe(5);
    clock.fireDue();
    expect(fired).toEqual(["a", "b", "c", "late"]);
    expect(clock.nextWake()).toBe(30);
  });
  it("leaves out what was cancelled, also by a wake-up of the same round", () => {
    const clock = createLoopClock(() => instant(10));
    const fired: string[] = [];
    const cancelNone = clock.wakeAt(instant(1), () => {
      fired.push("first");
      cancelSecond();
    });
    const cancelSecond = clock.wakeAt(instant(2), () => fired.push("second"));
    clock.fireDue();
    cancelNone();
    expect(fired).toEqual(["first"]);
    expect(clock.nextWake()).toBeNull();
  });
});

describe("pollTimeout", () => {
  it.each([
    { name: "nothing pending", next: null, timeout: 1000 },
    { name: "far away", next: 1e9, timeout: 1000 },
    { name: "a fraction is rounded up", next: 100.2, timeout: 1 },
    { name: "past", next: 50, timeout: 0 },
  ])("$name", ({ next, timeout }) => {
    expect(pollTimeout(next === null ? null : instant(next), instant(100), 1000)).toBe(timeout);
  });
});

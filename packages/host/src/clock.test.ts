import { instant } from "@herald-lb/sansio";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { monotonicClock } from "./clock.ts";

describe("monotonicClock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("wakes once, at the time and not within the call, also after longer than a timer holds", () => {
    const clock = monotonicClock();
    const woken: string[] = [];
    const month = 40 * 24 * 3600 * 1000;
    const start = clock.now();
    clock.wakeAt(instant(start - 1), () => woken.push("past"));
    clock.wakeAt(instant(start + 10), () => woken.push("soon"));
    clock.wakeAt(instant(start + month), () => woken.push("far"));
    clock.wakeAt(instant(start + 20), () => woken.push("cancelled"))();
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(11);
    expect(woken).toEqual(["past", "soon"]);
    vi.advanceTimersByTime(month - 12);
    expect(woken).toEqual(["past", "soon"]);
    vi.advanceTimersByTime(2);
    expect(woken).toEqual(["past", "soon", "far"]);
  });
});

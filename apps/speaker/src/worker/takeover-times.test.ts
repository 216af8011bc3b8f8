import type { IpAddress } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { TakeoverTimes } from "./takeover-times.ts";

const [first, second] = ["192.0.2.1", "192.0.2.2"] as [IpAddress, IpAddress];

describe("TakeoverTimes", () => {
  it("measure from the news of a death to the first announcement of each address", () => {
    const clock = createVirtualClock();
    const times = new TakeoverTimes(clock);
    times.during(() => times.desired([first, second]));
    clock.advanceBy(3);
    times.announced(first);
    clock.advanceBy(8);
    times.announced(first);
    times.announced(second);
    expect(times.take()).toEqual([3, 11]);
    expect(times.take()).toEqual([]);
  });

  it("measure nothing for other announcements, nor for a takeover that was called off", () => {
    const clock = createVirtualClock();
    const times = new TakeoverTimes(clock);
    times.desired([first]);
    times.announced(first);
    times.during(() => times.desired([second]));
    clock.advanceBy(5_001);
    times.announced(second);
    expect(times.take()).toEqual([]);
  });
});

import type { IpAddress } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { TakeoverMeasurement } from "./takeover-measurement.ts";

const [first, second] = ["192.0.2.1", "192.0.2.2"] as [IpAddress, IpAddress];

describe("TakeoverMeasurement", () => {
  it("measures from the news of a death to the first announcement of each address", () => {
    const clock = createVirtualClock();
    const measurement = new TakeoverMeasurement(clock);
    measurement.during(() => measurement.desired([first, second]));
    clock.advanceBy(3);
    measurement.announced(first);
    clock.advanceBy(8);
    measurement.announced(first);
    measurement.announced(second);
    expect(measurement.take()).toEqual([3, 11]);
    expect(measurement.take()).toEqual([]);
  });

  it("measures nothing for other announcements, nor for a takeover that was called off", () => {
    const clock = createVirtualClock();
    const measurement = new TakeoverMeasurement(clock);
    measurement.desired([first]);
    measurement.announced(first);
    measurement.during(() => measurement.desired([second]));
    clock.advanceBy(5_001);
    measurement.announced(second);
    expect(measurement.take()).toEqual([]);
  });
});

import { createVirtualClock } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";
import { AllocationLatency } from "./allocation-latency.ts";

it("observes the seconds from the first sight of a Service to its address, once", () => {
  const clock = createVirtualClock();
  const observed: number[] = [];
  const latency = new AllocationLatency(clock, { observe: ((value: number) => observed.push(value)) as never });
  latency.start("a");
  latency.start("b");
  clock.advanceBy(1_500);
  latency.end("a");
  latency.drop("b");
  clock.advanceBy(1_000);
  for (const key of ["a", "b", "never started"]) latency.end(key);
  expect(observed).toEqual([1.5]);
});

import { type Instant, instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { SuspensionDetector, suspendedTime, type SystemClocks, systemClocks } from "./suspension-detector.ts";

/** Clocks that a test sets; `interruption` is what passes between two readings. */
class SetClocks implements SystemClocks {
  now = 1_000;
  suspended = 5_000;
  interruption = 0;
  readings = 0;

  readonly monotonic = (): Instant => {
    this.now += this.interruption;
    return instant(this.now);
  };
  readonly boot = (): number => {
    this.readings++;
    this.now += this.interruption;
    return this.now + this.suspended;
  };
}

describe("a detector of suspensions", () => {
  it("tells each suspension once, and none within the limit", () => {
    const clocks = new SetClocks();
    const detector = new SuspensionDetector(150, clocks);
    const check = (): number => detector.check(instant(clocks.now));
    expect(check()).toBe(0);
    clocks.suspended = 5_100;
    expect(check()).toBe(0);
    clocks.suspended = 35_000;
    expect(check()).toBe(30_000);
    expect(check()).toBe(0);
    clocks.suspended += 151;
    expect(check()).toBe(151);
  });

  it("reads one clock once while the machine is awake", () => {
    const clocks = new SetClocks();
    const detector = new SuspensionDetector(150, clocks);
    clocks.readings = 0;
    clocks.now += 10_000;
    expect(detector.check(instant(clocks.now))).toBe(0);
    expect(clocks.readings).toBe(1);
  });

  it("takes the loss of the processor between two readings for no suspension", () => {
    const clocks = new SetClocks();
    const detector = new SuspensionDetector(150, clocks);
    const before = instant(clocks.now);
    clocks.now += 4_000;
    expect(detector.check(before)).toBe(0);
  });

  it("waits for the next reading where the clocks could not be read together", () => {
    const clocks = new SetClocks();
    clocks.interruption = 200;
    const detector = new SuspensionDetector(150, clocks);
    const check = (): number => detector.check(instant(clocks.now));
    clocks.interruption = 0;
    clocks.suspended = 70_000;
    expect(check()).toBe(0);
    clocks.interruption = 200;
    clocks.suspended = 71_000;
    expect(check()).toBe(0);
    clocks.interruption = 0;
    expect(check()).toBe(1_000);
  });

  it("reads from the system's clocks that this machine is awake", () => {
    const [first, second] = [suspendedTime(systemClocks), suspendedTime(systemClocks)];
    expect(first).not.toBeNull();
    expect(Math.abs((second ?? Infinity) - (first ?? 0))).toBeLessThan(2);
    const detector = new SuspensionDetector(150, systemClocks);
    expect(detector.check(systemClocks.monotonic())).toBe(0);
  });
});

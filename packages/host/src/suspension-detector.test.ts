import { describe, expect, it } from "vitest";
import { SuspensionDetector, suspendedTime } from "./suspension-detector.ts";

describe("a detector of suspensions", () => {
  it("tells each suspension once, and none within the limit", () => {
    let suspended: number | null = 5_000;
    const detector = new SuspensionDetector(150, () => suspended);
    expect(detector.check()).toBe(0);
    suspended = 5_100;
    expect(detector.check()).toBe(0);
    suspended = 35_100;
    expect(detector.check()).toBe(30_000);
    expect(detector.check()).toBe(0);
  });

  it("waits for the next reading where the clocks could not be read together", () => {
    let suspended: number | null = null;
    const detector = new SuspensionDetector(150, () => suspended);
    suspended = 70_000;
    expect(detector.check()).toBe(0);
    suspended = null;
    expect(detector.check()).toBe(0);
    suspended = 71_000;
    expect(detector.check()).toBe(1_000);
  });

  it("reads from the system's clocks that this machine is awake", () => {
    const [first, second] = [suspendedTime(), suspendedTime()];
    expect(first).not.toBeNull();
    expect(Math.abs((second ?? Infinity) - (first ?? 0))).toBeLessThan(2);
  });
});

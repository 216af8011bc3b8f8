import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { PauseDetector } from "./pause-detector.ts";

const at = (milliseconds: number): ReturnType<typeof instant> => instant(1_000 + milliseconds);

describe("PauseDetector", () => {
  it("is silent while the loop is no later than the limit", () => {
    const detector = new PauseDetector(150, at(0));
    expect(detector.check(at(150))).toBe(0);
    expect(detector.check(at(300))).toBe(0);
  });

  it("tells how long the loop stood still, once", () => {
    const detector = new PauseDetector(150, at(0));
    expect(detector.check(at(151))).toBe(151);
    expect(detector.check(at(152))).toBe(0);
  });

  it("does not count sleep, but what comes after its end", () => {
    const detector = new PauseDetector(150, at(0));
    detector.sleepUntil(at(1_000));
    expect(detector.check(at(1_100))).toBe(0);
    detector.sleepUntil(at(2_100));
    expect(detector.check(at(2_300))).toBe(200);
  });

  it("counts from the moment of a wake-up that came before the end of sleep", () => {
    const detector = new PauseDetector(150, at(0));
    detector.sleepUntil(at(1_000));
    expect(detector.check(at(10))).toBe(0);
    expect(detector.check(at(200))).toBe(190);
  });
});

import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goDurationText } from "./go-duration-text.ts";

describe("a duration as Go prints it", () => {
  it.each([
    { milliseconds: 0, text: "0s" },
    { milliseconds: 90_000, text: "1m30s" },
    { milliseconds: 120_000, text: "2m0s" },
    { milliseconds: 5_400_000, text: "1h30m0s" },
    { milliseconds: 3_600_500, text: "1h0m0.5s" },
    { milliseconds: 500, text: "500ms" },
    { milliseconds: 1_500, text: "1.5s" },
    { milliseconds: 1.5, text: "1.5ms" },
    { milliseconds: 0.0015, text: "1.5µs" },
    { milliseconds: 0.000_001, text: "1ns" },
    { milliseconds: -90_000, text: "-1m30s" },
    { milliseconds: 65_535_000, text: "18h12m15s" },
  ])("$milliseconds ms: $text", ({ milliseconds, text }) => {
    expect(goDurationText(milliseconds)).toBe(text);
  });

  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (milliseconds) => {
        expect(parseGoDuration(goDurationText(milliseconds))).toBeCloseTo(milliseconds, 3);
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { percentile, spreadOf } from "./statistics.ts";

describe("a percentile", () => {
  const thirty = Array.from({ length: 30 }, (_, index) => 30 - index);
  const table = [
    { name: "of one value", values: [7], share: 0.95, is: 7 },
    { name: "the middle of an odd number", values: [3, 1, 2], share: 0.5, is: 2 },
    { name: "the lower middle of an even number", values: [4, 1, 3, 2], share: 0.5, is: 2 },
    { name: "0.95 of thirty", values: thirty, share: 0.95, is: 29 },
    { name: "all of thirty", values: thirty, share: 1, is: 30 },
    { name: "of nothing", values: [], share: 0.5, is: Number.NaN },
  ];
  it.each(table)("$name", ({ values, share, is }) => {
    expect(percentile(values, share)).toBe(is);
  });

  it("puts what never ended last", () => {
    expect(spreadOf([1, Number.POSITIVE_INFINITY, 2])).toEqual({
      p50: 2,
      p95: Number.POSITIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
    });
  });
});

import { describe, expect, it } from "vitest";
import type { RunResult } from "./run.ts";
import { rowOf, titles } from "./table.ts";

const result = (gap: number, takeover: number): RunResult => ({
  asking: { gap, lost: gap / 10 },
  sending: { gap: 0, lost: 0 },
  gapAtReturn: 0,
  twice: 1,
  takeover,
  held: 33,
  falseTakeovers: 0,
  late: 2.4,
  record: { asked: [], sent: [], late: 2.4, falseTakeovers: [], faultAt: 0, mendedAt: 0 },
});

describe("the table", () => {
  it("has a line for all runs of a fault", () => {
    const results = [result(1_150, 1_160.4), result(1_140, 1_150), result(1_200, Number.POSITIVE_INFINITY)];
    expect(rowOf({ who: "Herald", nodes: 3, addresses: 100, fault: "power", results, failures: 0 })).toBe(
      "| Herald | power | 3 | 100 | 33 | 3 | 1,150 / 1,200 / 1,200 | 0 / 0 / 0 | 1,160 / never / never | 349 | 0 | 0 / 0 / 0 | 3 | 0 | 2 |\n",
    );
  });

  it("has as many cells in a row as titles", () => {
    const row = rowOf({ who: "Herald", nodes: 3, addresses: 1, fault: "link", results: [result(0, 0)], failures: 1 });
    for (const line of titles().trimEnd().split("\n")) expect(line.split("|")).toHaveLength(row.split("|").length);
  });
});

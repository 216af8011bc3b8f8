import { describe, expect, it } from "vitest";
import type { TestReport } from "./failed-tests.ts";
import { interopMatrix } from "./interop-matrix.ts";

type Result = TestReport["testResults"][number]["assertionResults"][number];

const result = (title: string, groups: readonly string[], status: string): Result => ({
  title,
  ancestorTitles: ["BGP with other implementations", ...groups],
  fullName: ["BGP with other implementations", ...groups, title].join(" "),
  status,
});

describe("interopMatrix", () => {
  it("has a row for each behaviour and a column for each implementation, however a test names it", () => {
    const assertionResults = [
      result("holds the routes", ["FRR 8"], "passed"),
      result("holds the routes", ["BIRD 2"], "failed"),
      result("asks again", ["FRR 8"], "pending"),
      result("BIRD 2 reads the Cease", ["after a stop"], "passed"),
      result("a test of something else", [], "passed"),
    ];
    const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 0 };
    const testResults = [{ name: "a.test.ts", status: "failed", message: "", assertionResults }];
    expect(interopMatrix([{ ...counts, testResults }])).toBe(
      [
        "| the implementation | BIRD 2 | FRR 8 |",
        "| --- | --- | --- |",
        "| holds the routes | **no** | yes |",
        "| asks again |  |  |",
        "| after a stop, reads the Cease | yes |  |",
        "",
      ].join("\n"),
    );
  });
});

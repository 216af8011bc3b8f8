import { describe, expect, it } from "vitest";
import { failedTests, type TestReport } from "./failed-tests.ts";

const titles = { title: "", ancestorTitles: [] };
const counts = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
const report = (file: Partial<TestReport["testResults"][number]>): TestReport => ({
  ...counts,
  testResults: [{ name: "/clone/e2e/src/a.test.ts", status: "passed", message: "", assertionResults: [], ...file }],
});

describe("failedTests", () => {
  it("names the file below the root, the test, and the beginning of its message", () => {
    const stack = Array.from({ length: 40 }, (_, line) => `at line ${line}`).join("\n");
    const failed = failedTests(
      report({
        status: "failed",
        assertionResults: [
          { ...titles, fullName: "a thing works", status: "passed", failureMessages: [] },
          { ...titles, fullName: "a thing fails", status: "failed", failureMessages: [`AssertionError: no\n${stack}`] },
        ],
      }),
      "/clone",
    );
    expect(failed).toHaveLength(1);
    const lines = failed[0]?.split("\n") ?? [];
    expect(lines.slice(0, 3)).toEqual(["e2e/src/a.test.ts: a thing fails", "    AssertionError: no", "    at line 0"]);
    expect(lines).toHaveLength(13);
  });

  it("names a file that could not be loaded", () => {
    expect(failedTests(report({ status: "failed", message: "SyntaxError: bad" }), "/clone")).toEqual([
      "e2e/src/a.test.ts\n    SyntaxError: bad",
    ]);
  });

  it("is empty where everything passed", () => {
    const passed = { assertionResults: [{ ...titles, fullName: "x", status: "passed", failureMessages: null }] };
    expect(failedTests(report(passed), "/clone")).toEqual([]);
  });
});

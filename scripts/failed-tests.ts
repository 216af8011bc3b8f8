/** The part of vitest's JSON report that is read. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    /** The absolute path of the file. */
    readonly name: string;
    readonly status: string;
    /** The error of a file that could not be loaded; empty otherwise. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly ancestorTitles: readonly string[];
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** The lines of a message that are repeated at the end of a run: the assertion, and the first lines of its stack. */
const MESSAGE_LINES = 12;

/**
 * The failed tests of a report, each with its file below `root`, its name and the beginning of its message. The end of the output is
 * what a reader of a long run sees, and all that some systems keep of it.
 */
export function failedTests({ testResults }: TestReport, root: string): readonly string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const failed = assertionResults.filter((each) => each.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${file}\n${beginningOf(message)}`] : [];
    return failed.map((each) => `${file}: ${each.fullName}\n${beginningOf((each.failureMessages ?? []).join("\n"))}`);
  });
}

function beginningOf(message: string): string {
  return message
    .split("\n")
    .slice(0, MESSAGE_LINES)
    .map((line) => `    ${line}`)
    .join("\n");
}

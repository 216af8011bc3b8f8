import type { TestReport } from "./failed-tests.ts";

/** One row: a behaviour, and what became of it with each implementation that was tried. */
interface Row {
  readonly behaviour: string;
  readonly outcomes: ReadonlyMap<string, string>;
}

/** An implementation as the tests name it: the program and its major version. */
const IMPLEMENTATION = /\b(?:FRR|BIRD|GoBGP|ExaBGP|OpenBGPD) \d+\b/;

const WORDS: Readonly<Record<string, string>> = { passed: "yes", failed: "**no**" };

/**
 * The table of behaviours and BGP implementations as Markdown, from the results of end-to-end tests: one cell for each test that names an
 * implementation. A test that was skipped because the implementation lacks the behaviour is an empty cell.
 */
export function interopMatrix(reports: readonly TestReport[]): string {
  const rows = new Map<string, Map<string, string>>();
  const implementations = new Set<string>();
  // The files ran in no fixed order.
  const files = reports.flatMap(({ testResults }) => testResults).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { assertionResults } of files) {
    for (const { fullName, title, ancestorTitles, status } of assertionResults) {
      const implementation = IMPLEMENTATION.exec(fullName)?.[0];
      if (implementation === undefined) continue;
      implementations.add(implementation);
      const groups = ancestorTitles.slice(1).filter((each) => each !== implementation);
      const behaviour = [...groups, title.replace(implementation, "").trim()].join(", ");
      const outcomes = rows.get(behaviour) ?? new Map<string, string>();
      outcomes.set(implementation, WORDS[status] ?? "");
      rows.set(behaviour, outcomes);
    }
  }
  const names = [...implementations].toSorted();
  return table(
    [...rows].map(([behaviour, outcomes]) => ({ behaviour, outcomes })),
    names,
  );
}

function table(rows: readonly Row[], names: readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["the implementation", ...names]),
    line(["---", ...names.map(() => "---")]),
    ...rows.map(({ behaviour, outcomes }) => line([behaviour, ...names.map((name) => outcomes.get(name) ?? "")])),
    "",
  ].join("\n");
}

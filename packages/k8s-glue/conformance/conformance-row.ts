/**
 * One row: a statement about what MetalLB does, and the test that compares Herald with it. The statements are in
 * `docs/conformance/metallb-behaviour.md`, the rows in the modules `*-rows.ts` here. A test file runs them by `describeConformance`;
 * `coverage.test.ts` gathers them all and writes `docs/conformance/metallb-allocation.md`.
 */
import { describe, expect, it } from "vitest";

/** The result of a comparison of Herald with MetalLB on one statement. */
export type Verdict = "same" | "better" | "not applicable";

/** The comparison of Herald with one statement about MetalLB. */
export interface ConformanceRow {
  /** The section of the statement: "§4.6". */
  readonly section: string;
  /** The name of the statement: the first cell of its row on the page, without marks of code. */
  readonly row: string;
  /** Which of several checks of one row; absent where there is one. */
  readonly case?: string;
  readonly verdict: Verdict;
  /** What is better and why, or why it does not apply; empty for `same`. */
  readonly why: string;
  /** Throws when the verdict does not hold. Null where `shownBy` says what shows it, or where it does not apply. */
  readonly check: (() => void | Promise<void>) | null;
  /** The test that shows it instead, as `path/from/the/root.test.ts: words of its name`. */
  readonly shownBy?: string;
}

/** What is wrong with a row as it is written; empty when nothing is. */
export function faultsOf({ section, row, verdict, why, check, shownBy }: ConformanceRow): readonly string[] {
  const faults: string[] = [];
  if (!/^§\d+(\.\d+)?$/u.test(section)) faults.push(`"${section}" is no section`);
  if (row.trim() === "") faults.push("cites no row");
  if (verdict === "same" && why !== "") faults.push("is the same and yet says why");
  if (verdict !== "same" && why === "") faults.push("does not say why");
  if (verdict !== "not applicable" && check === null && shownBy === undefined) faults.push("is shown by nothing");
  return faults;
}

/** Makes a test of each row: of what its check says, and of its being whole. */
export function describeConformance(title: string, rows: readonly ConformanceRow[]): void {
  describe(title, () => {
    it.each(rows.map((row) => ({ row, name: nameOf(row) })))("$name", async ({ row }) => {
      expect(faultsOf(row)).toEqual([]);
      await row.check?.();
    });
  });
}

function nameOf({ section, row, case: which, verdict }: ConformanceRow): string {
  return `${section} ${row}${which === undefined ? "" : ` (${which})`}: ${verdict}`;
}

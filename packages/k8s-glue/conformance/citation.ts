import { type ConformanceRow, faultsOf } from "./conformance-row.ts";
import { plain, type SpecificationRow } from "./specification.ts";

/** What is amiss between a specification and the rows that cite it. */
export interface Coverage {
  /** Rows of the specification that nothing cites, as "§4.6: text". */
  readonly missing: readonly string[];
  /** What is wrong with the rows that cite, the ones that cite nothing included. */
  readonly faults: readonly string[];
}

/** Holds what is cited against what there is to cite, in the sections that `isOurs` names. */
export function coverageOf(
  specification: readonly SpecificationRow[],
  rows: readonly ConformanceRow[],
  isOurs: (section: string) => boolean,
): Coverage {
  const cited = new Set<SpecificationRow>();
  const faults: string[] = [];
  for (const row of rows) {
    const found = citedBy(row, specification);
    if (found.length === 1 && found[0] !== undefined) cited.add(found[0]);
    else faults.push(`${row.section} "${row.row}" is ${found.length === 0 ? "not there" : "the beginning of several"}`);
    faults.push(...faultsOf(row).map((fault) => `${row.section} "${row.row}" ${fault}`));
  }
  const missing = specification.filter((row) => isOurs(row.section) && !cited.has(row));
  return { missing: missing.map(({ section, text }) => `${section}: ${text}`), faults };
}

/** The rows that a citation can mean, an ellipsis at its end apart: the one whose first cell or whole text it is, else those that begin with it, else those that hold it. */
export function citedBy(
  { section, row }: Pick<ConformanceRow, "section" | "row">,
  specification: readonly SpecificationRow[],
): readonly SpecificationRow[] {
  const words = plain(row).replace(/ ?…$/u, "");
  const here = specification.filter((each) => each.section === section);
  const ways: readonly ((text: string) => boolean)[] = [
    (text) => text === words,
    (text) => text.split(" | ", 1)[0] === words,
    (text) => text.startsWith(words),
    (text) => text.includes(words),
  ];
  for (const way of ways) {
    const found = here.filter(({ text }) => way(text));
    if (found.length > 0) return found;
  }
  return [];
}

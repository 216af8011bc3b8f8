import { type ConformanceRow, faultsOf } from "./conformance-row.ts";
import type { Statement } from "./specification.ts";

/** The differences between the statements about MetalLB and the rows that cite them. */
export interface Coverage {
  /** Statements that no row cites, as "§4.6: name". */
  readonly missing: readonly string[];
  /** Errors of rows: a citation of a statement that does not exist, or an incomplete row. */
  readonly faults: readonly string[];
}

/** Compares the rows with the statements that they cite; only statements for which `needsRow` is true count as missing. */
export function coverageOf(
  statements: readonly Statement[],
  rows: readonly ConformanceRow[],
  needsRow: (section: string) => boolean,
): Coverage {
  const cited = new Set<Statement>();
  const faults: string[] = [];
  for (const row of rows) {
    const statement = statements.find(({ section, name }) => section === row.section && name === row.row);
    if (statement === undefined) faults.push(`${row.section} "${row.row}" is not there`);
    else cited.add(statement);
    faults.push(...faultsOf(row).map((fault) => `${row.section} "${row.row}" ${fault}`));
  }
  const missing = statements.filter((statement) => needsRow(statement.section) && !cited.has(statement));
  return { missing: missing.map(({ section, name }) => `${section}: ${name}`), faults };
}

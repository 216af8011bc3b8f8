import type { Fault } from "./fault.ts";
import type { RunResult } from "./run.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** All runs of one fault on one site. */
export interface Row {
  readonly who: string;
  readonly nodes: number;
  readonly addresses: number;
  readonly fault: Fault;
  readonly results: readonly RunResult[];
  /** Runs that have no figures: the segment did not come to rest after them. */
  readonly failures: number;
}

const COLUMNS: readonly { readonly title: string; readonly cell: (row: Row) => string }[] = [
  { title: "of", cell: ({ who }) => who },
  { title: "fault", cell: ({ fault }) => fault },
  { title: "nodes", cell: ({ nodes }) => count(nodes) },
  { title: "addresses", cell: ({ addresses }) => count(addresses) },
  { title: "lost node's", cell: ({ results }) => count(most(results.map(({ held }) => held))) },
  { title: "runs", cell: ({ results, failures }) => `${results.length}${failures > 0 ? ` (${failures} failed)` : ""}` },
  { title: "gap, asking", cell: ({ results }) => spread(results.map(({ asking }) => asking.gap)) },
  { title: "gap, sending", cell: ({ results }) => spread(results.map(({ sending }) => sending.gap)) },
  { title: "all taken over", cell: ({ results }) => spread(results.map(({ takeover }) => takeover)) },
  { title: "lost, asking", cell: ({ results }) => count(sum(results.map(({ asking }) => asking.lost))) },
  { title: "lost, sending", cell: ({ results }) => count(sum(results.map(({ sending }) => sending.lost))) },
  { title: "gap at return", cell: ({ results }) => spread(results.map(({ gapAtReturn }) => gapAtReturn)) },
  { title: "answered twice", cell: ({ results }) => count(sum(results.map(({ twice }) => twice))) },
  { title: "false takeovers", cell: ({ results }) => count(sum(results.map(({ falseTakeovers }) => falseTakeovers))) },
  { title: "client late", cell: ({ results }) => milliseconds(most(results.map(({ late }) => late))) },
];

/** The two lines above the rows. */
export function titles(): string {
  return line(COLUMNS.map(({ title }) => title)) + line(COLUMNS.map((_, index) => (index < 2 ? "---" : "--:")));
}

/** The line of one row. */
export function rowOf(row: Row): string {
  return line(COLUMNS.map(({ cell }) => cell(row)));
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

function spread(values: readonly number[]): string {
  const { p50, p95, max }: Spread = spreadOf(values);
  return [p50, p95, max].map(milliseconds).join(" / ");
}

/** A takeover that never came has no figure. */
function milliseconds(value: number): string {
  return Number.isFinite(value) ? count(Math.round(value)) : "never";
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function most(values: readonly number[]): number {
  return Math.max(0, ...values);
}

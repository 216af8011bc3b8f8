import type { Row } from "./ladder.ts";

const COLUMNS: readonly { readonly title: string; readonly cell: (row: Row) => string }[] = [
  { title: "Services", cell: ({ services, served }) => services.toLocaleString("en") + unserved(services, served) },
  { title: "daemon", cell: ({ component }) => component },
  { title: "of", cell: ({ who }) => who },
  { title: "MB RSS idle", cell: ({ idle, busyFor }) => idle.resident.toFixed(1) + busy(busyFor) },
  { title: "anonymous", cell: ({ idle }) => idle.anonymous.toFixed(1) },
  { title: "of files", cell: ({ idle }) => idle.file.toFixed(1) },
  { title: "MB RSS peak", cell: ({ peak }) => peak.toFixed(1) },
  { title: "s of CPU", cell: ({ cpu }) => cpu.toFixed(1) },
];

/** Prints the head of the table. */
export function printTitles(): void {
  line(COLUMNS.map(({ title }) => title));
  line(COLUMNS.map((_, index) => (index < 3 ? "---" : "--:")));
}

/** Prints one row. */
export function printRow(row: Row): void {
  line(COLUMNS.map(({ cell }) => cell(row)));
}

function unserved(services: number, served: number): string {
  return served >= services ? "" : ` (${served.toLocaleString("en")} served)`;
}

function busy(minutes: number | null): string {
  return minutes === null ? "" : ` (busy after ${minutes.toFixed(0)} min)`;
}

function line(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

import type { Row } from "./scenario.ts";

const COLUMNS: readonly { readonly title: string; readonly cell: (row: Row) => string }[] = [
  { title: "step", cell: ({ step }) => step },
  { title: "who", cell: ({ who }) => who },
  { title: "s to the last creation", cell: ({ created }) => seconds(created) },
  { title: "s until all are served", cell: ({ served }) => seconds(served) },
  { title: "s of CPU until then", cell: ({ cpuServed }) => cpuServed.toFixed(1) },
  { title: "s of CPU until it rests", cell: ({ cpuSettled }) => cpuSettled.toFixed(1) },
  { title: "MB RSS peak", cell: ({ usage }) => usage.peak.toFixed(0) },
  { title: "MB RSS after", cell: ({ usage }) => usage.resident.toFixed(0) },
  { title: "writes of Services", cell: ({ requests }) => String(requests.serviceWrites) },
  { title: "most for one", cell: ({ requests }) => String(requests.mostPerService) },
  { title: "Event requests", cell: ({ requests }) => String(requests.events) },
  { title: "other writes", cell: ({ requests }) => String(requests.otherWrites) },
  { title: "Lease writes", cell: ({ requests }) => String(requests.leases) },
  { title: "reads", cell: ({ requests }) => String(requests.reads) },
  { title: "refused", cell: ({ requests }) => String(requests.refused) },
];

/** Prints the head of the table. */
export function printTitles(): void {
  line(COLUMNS.map(({ title }) => title));
  line(COLUMNS.map((_, index) => (index < 2 ? "---" : "--:")));
}

/** Prints one row. */
export function printRow(row: Row): void {
  line(COLUMNS.map(({ cell }) => cell(row)));
}

function line(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

function seconds(value: number | null): string {
  return value === null ? "" : value.toFixed(1);
}

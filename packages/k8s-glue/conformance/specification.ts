import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Where the specification of what MetalLB does lies: beside the clone, never in it. */
const SPECIFICATION: string = resolve(import.meta.dirname, "../../../../shared/spec/metallb.md");

/** What one row of a table, or one sentence outside of tables, of the specification says. */
export interface SpecificationRow {
  /** As it is numbered: "§4.6". */
  readonly section: string;
  /** The cells of a table's row joined by " | ", or the sentence; without marks of type. */
  readonly text: string;
}

/**
 * Every row of the specification; null where it is absent, as in a user's clone. With `CI=true` an absent file is a failure, so that
 * nothing is skipped in silence.
 */
export function readSpecification(): readonly SpecificationRow[] | null {
  if (existsSync(SPECIFICATION)) return rowsOf(readFileSync(SPECIFICATION, "utf8"));
  if (process.env["CI"] === "true") throw new Error("the specification is missing");
  process.stderr.write("skipped: the specification of MetalLB is not beside this clone\n");
  return null;
}

/** The rows of a text in Markdown, by section. */
export function rowsOf(markdown: string): readonly SpecificationRow[] {
  const rows: SpecificationRow[] = [];
  let section = "";
  let paragraph = "";
  const flush = (): void => {
    for (const text of sentencesOf(plain(paragraph), section)) rows.push({ section, text });
    paragraph = "";
  };
  const lines = markdown.split("\n");
  for (const [index, line] of lines.entries()) {
    const heading = /^#{2,3} (\d+(?:\.\d+)?)/u.exec(line);
    const isTable = line.startsWith("|");
    if (heading !== null || isTable || line === "" || line.startsWith("---")) flush();
    if (heading !== null) section = `§${heading[1] ?? ""}`;
    else if (isTable) {
      const isHead = lines[index + 1]?.startsWith("|-") === true;
      if (!isHead && !line.startsWith("|-")) rows.push({ section, text: cellsOf(line).join(" | ") });
    } else if (!line.startsWith("---")) {
      const item = /^(?:- |\d+\. )(.*)$/u.exec(line);
      if (item !== null) flush();
      paragraph += ` ${item?.[1] ?? line}`;
    }
  }
  flush();
  return rows;
}

/** Text as it reads: without code and bold marks, marks of where a fact is from, and doubled spaces. */
export function plain(text: string): string {
  return text
    .replaceAll(/\[(?:[CDRX]|I#\d+)\]|[`*]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
}

function cellsOf(line: string): readonly string[] {
  const cells = line
    .replace(/^\|/u, "")
    .replace(/\|\s*$/u, "")
    .split("|");
  return cells.map(plain);
}

/** Sentences, and in the list of texts (§4.11) what semicolons part. */
function sentencesOf(paragraph: string, section: string): readonly string[] {
  const parts = paragraph.split(section === "§4.11" ? /(?:; |\. (?=[A-Z"]))/u : /(?<=\.) (?=[A-Z([])/u);
  return parts.filter((text) => text !== "");
}

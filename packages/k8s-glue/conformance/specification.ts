import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root: string = resolve(import.meta.dirname, "../../..");

/** The page of this repository that says what MetalLB does. */
const PAGE: string = resolve(root, "docs/conformance/metallb-behaviour.md");

/** A longer description of MetalLB, with the same sections; beside the clone, never in it. */
const ADDITIONAL: string = resolve(root, "../shared/spec/metallb.md");

/** One statement about MetalLB: a row of a table of the page. */
export interface Statement {
  /** Its section: "§4.6". */
  readonly section: string;
  /** The first cell, without marks of code and emphasis; within a section no two are equal. */
  readonly name: string;
  /** The second cell, likewise. */
  readonly text: string;
}

/** Every statement of the page. Throws where the page is missing, since it is a part of the repository. */
export function readStatements(): readonly Statement[] {
  return statementsOf(readFileSync(PAGE, "utf8"));
}

/** The sections of the additional description, "§4.6"; null where it is absent, and then one line says so. */
export function readAdditionalSections(): readonly string[] | null {
  if (existsSync(ADDITIONAL)) return sectionsOf(readFileSync(ADDITIONAL, "utf8"));
  process.stderr.write("skipped: the additional description of MetalLB is not beside this clone\n");
  return null;
}

/**
 * The statements of a text in Markdown: rows of two cells below numbered headings. Throws on anything else in a numbered section, since
 * nothing would compare it.
 */
export function statementsOf(markdown: string): readonly Statement[] {
  const statements: Statement[] = [];
  let section: string | null = null;
  const lines = markdown.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("#")) section = sectionOf(line);
    if (section === null || line === "" || line.startsWith("#") || isTableHead(lines, index)) continue;
    const [name, text, ...others] = cellsOf(line);
    if (name === undefined || text === undefined || others.length > 0) {
      throw new Error(`line ${index + 1} is not a row of two cells: ${line}`);
    }
    if (statements.some((each) => each.section === section && each.name === name)) {
      throw new Error(`line ${index + 1}: ${section} has "${name}" twice`);
    }
    statements.push({ section, name, text });
  }
  return statements;
}

/** The numbered sections of a text in Markdown: "§4.6". */
export function sectionsOf(markdown: string): readonly string[] {
  return markdown.split("\n").flatMap((line) => sectionOf(line) ?? []);
}

function sectionOf(line: string): string | null {
  const number = /^#{2,3} (\d+(?:\.\d+)?)/u.exec(line)?.[1];
  return number === undefined ? null : `§${number}`;
}

/** True for the first line of a table and for the line of dashes below it. */
function isTableHead(lines: readonly string[], index: number): boolean {
  return [lines[index], lines[index + 1]].some((line) => line?.startsWith("|-") === true);
}

function cellsOf(line: string): readonly string[] {
  const row = /^\| (.*) \|$/u.exec(line)?.[1];
  return row?.split(" | ").map((cell) => cell.replaceAll(/[`*]/gu, "").trim()) ?? [];
}

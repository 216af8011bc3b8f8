import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { coverageOf } from "./citation.ts";
import { everyRow } from "./every-row.ts";
import { conformanceReport } from "./report.ts";
import { readAdditionalSections, readStatements, sectionsOf, statementsOf } from "./specification.ts";

const root = resolve(import.meta.dirname, "../../..");

/** True for a section in which each statement needs a row; those of the others may have one. */
const needsRow = (section: string): boolean => /^§(?:2\.[1-9]|3|4\.\d+|8|9\.1|10\.5)$/u.test(section);

describe("the statements about MetalLB", () => {
  const additional = readAdditionalSections();

  it("are cited, each of them, and no row cites one that is not there", () => {
    expect(coverageOf(readStatements(), everyRow, needsRow)).toEqual({ missing: [], faults: [] });
  });

  // No test where the description is absent: the one line says so, and the count of skipped tests stays for what a clone lacks.
  if (additional !== null) {
    it("have the sections of the additional description", () => {
      const ours = new Set(readStatements().map(({ section }) => section));
      expect(additional.filter((section) => needsRow(section) && !ours.has(section))).toEqual([]);
    });
  }

  it("are shown by tests that are there", () => {
    for (const { shownBy } of everyRow) {
      if (shownBy === undefined) continue;
      const [path = "", words = ""] = shownBy.split(/: (.*)/su);
      expect(existsSync(resolve(root, path)), shownBy).toBe(true);
      expect(readFileSync(resolve(root, path), "utf8"), shownBy).toContain(words);
    }
  });

  it("are gathered from every module that has some", () => {
    const gathered = readFileSync(resolve(import.meta.dirname, "every-row.ts"), "utf8");
    const modules = readdirSync(import.meta.dirname).filter((file) => file.endsWith("-rows.ts"));
    expect(modules.length).toBeGreaterThan(10);
    for (const file of modules) expect(gathered).toContain(`"./${file}"`);
  });

  it("are told in docs/conformance as they are here", async () => {
    const file = resolve(root, "docs/conformance/metallb-allocation.md");
    await expect(conformanceReport(everyRow)).toMatchFileSnapshot(file);
  });
});

describe("reading the page", () => {
  const head = "| statement | what MetalLB does |\n|---|---|";
  const text = `# Page\nProse.\n## 4. Allocator\n\n### 4.4 Families\n\n${head}\n| \`a\`, b | One [link](x). Two. |\n| c | **Three** |`;

  it("finds the statements of a section", () => {
    expect(statementsOf(text)).toEqual([
      { section: "§4.4", name: "a, b", text: "One [link](x). Two." },
      { section: "§4.4", name: "c", text: "Three" },
    ]);
    expect(sectionsOf(text)).toEqual(["§4", "§4.4"]);
  });

  it.each([
    { name: "a sentence outside of tables", line: "Prose.", error: "line 11 is not a row of two cells: Prose." },
    { name: "a row of three cells", line: "| d | e | f |", error: "line 11 is not a row of two cells" },
    { name: "a name twice", line: "| c | Four |", error: 'line 11: §4.4 has "c" twice' },
  ])("refuses $name", ({ line, error }) => {
    expect(() => statementsOf(`${text}\n${line}`)).toThrow(error);
  });

  it("tells what is missing, what is cited wrongly, and what is written wrongly", () => {
    const of = (row: string) => ({ section: "§4.4", row, verdict: "same" as const, why: "", check: () => {} });
    const rows = [of("a"), { ...of("c"), check: null }, { ...of("c"), section: "§4.5" }];
    expect(coverageOf(statementsOf(text), rows, () => true)).toEqual({
      missing: ["§4.4: a, b"],
      faults: ['§4.4 "a" is not there', '§4.4 "c" is shown by nothing', '§4.5 "c" is not there'],
    });
    expect(coverageOf(statementsOf(text), [], (section) => section !== "§4.4").missing).toEqual([]);
  });
});

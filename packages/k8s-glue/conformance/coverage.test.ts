import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { citedBy, coverageOf } from "./citation.ts";
import { everyRow } from "./every-row.ts";
import { conformanceReport } from "./report.ts";
import { readSpecification, rowsOf } from "./specification.ts";

const root = resolve(import.meta.dirname, "../../..");

/** Sections of which every row is cited; those not here may be cited too. */
const whole = /^§(?:2\.[1-9]|3|4\.\d+|8)$/u;

describe("the rows of MetalLB's specification", () => {
  const specification = readSpecification();

  it.skipIf(specification === null)("are cited, each of them, and nothing is cited that is not there", () => {
    const coverage = coverageOf(specification ?? [], everyRow, (section) => whole.test(section));
    expect(coverage).toEqual({ missing: [], faults: [] });
  });

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

describe("reading the specification", () => {
  const text = [
    "### 4.4 Families",
    "One sentence [C] of `code`. Another.",
    "",
    "| policy | clusterIPs |",
    "|---|---|",
    "| Require | <2 |",
    "| Require | 2 |",
    "Told",
    "on two lines.",
    "- an item",
  ].join("\n");

  it("finds rows of tables, sentences and items", () => {
    const rows = ["One sentence of code.", "Another.", "Require | <2", "Require | 2", "Told on two lines.", "an item"];
    expect(rowsOf(text)).toEqual(rows.map((row) => ({ section: "§4.4", text: row })));
  });

  it.each([
    { row: "an item", found: 1 },
    { row: "`Another`", found: 1 },
    { row: "two lines", found: 1 },
    { row: "Require", found: 2 },
    { row: "Require | <2", found: 1 },
    { row: "nothing", found: 0 },
  ])("takes $row for $found of them", ({ row, found }) => {
    expect(citedBy({ section: "§4.4", row }, rowsOf(text))).toHaveLength(found);
    expect(citedBy({ section: "§4.5", row }, rowsOf(text))).toHaveLength(0);
  });

  it("tells what is missing, what is cited wrongly, and what is written wrongly", () => {
    const of = (row: string) => ({ section: "§4.4", row, verdict: "same" as const, why: "", check: () => {} });
    const rows = [of("One sentence"), of("Another"), of("Require"), of("Told"), { ...of("an item"), check: null }];
    expect(coverageOf(rowsOf(text), rows, () => true)).toEqual({
      missing: ["§4.4: Require | <2", "§4.4: Require | 2"],
      faults: ['§4.4 "Require" is the beginning of several', '§4.4 "an item" is shown by nothing'],
    });
  });
});

import { describe, expect, it } from "vitest";
import { longFiles } from "./file-lengths.ts";

const text = (lines: number): string => "x\n".repeat(lines);
const longOf = (files: Readonly<Record<string, string>>): readonly string[] =>
  longFiles(new Map(Object.entries(files))).map(({ file, lines }) => `${file} ${lines}`);

describe("longFiles", () => {
  it.each([
    { name: "an empty file", source: "", long: [] },
    { name: "a file of as many lines as there may be", source: text(300), long: [] },
    { name: "a file of one line more", source: text(301), long: ["x.ts 301"] },
    { name: "a last line that nothing ends, within", source: `${text(299)}x`, long: [] },
    { name: "a last line that nothing ends, beyond", source: `${text(300)}x`, long: ["x.ts 301"] },
    { name: "empty lines", source: "\n".repeat(301), long: ["x.ts 301"] },
  ])("$name", ({ source, long }) => {
    expect(longOf({ "x.ts": source })).toEqual(long);
  });

  it("are named with the longest first", () => {
    expect(longOf({ "a.ts": text(301), "b.ts": text(10), "c.test.ts": text(400) })).toEqual([
      "c.test.ts 400",
      "a.ts 301",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { commentFaults } from "./doc-comments.ts";

const faultsOf = (source: string): readonly string[] =>
  commentFaults("x.ts", source).map(({ line, code, names }) => `${line} ${code} ${names}`);

describe("commentFaults", () => {
  it.each([
    { name: "an export with a comment", source: "/** The port. */\nexport const PORT = 179;", faults: [] },
    { name: "an export without one", source: "export const PORT = 179;", faults: ["1 NoDocComment PORT"] },
    { name: "a function without one", source: "\nexport async function send() {}", faults: ["2 NoDocComment send"] },
    {
      name: "a line comment is none",
      source: "// The port.\nexport const PORT = 179;",
      faults: ["2 NoDocComment PORT"],
    },
    { name: "a name passed on needs none", source: 'export { PORT } from "./port.ts";', faults: [] },
    {
      name: "a question word at the beginning",
      source: "/**\n * Whether it is up.\n */\nexport const up = 1;",
      faults: ["1 BeginsWithQuestion Whether"],
    },
    {
      name: "a question word in a member's comment",
      source: "/** A peer. */\nexport interface Peer {\n  /** How many there are. */\n  n: number;\n}",
      faults: ["3 BeginsWithQuestion How"],
    },
    { name: "a longer word that begins so", source: "/** However it ends. */\nexport const x = 1;", faults: [] },
    {
      name: "a rest of a merge",
      source: "/**\n<<<<<<< HEAD\n * One.\n=======\n * Two.\n>>>>>>> other\n */\nexport const x = 1;",
      faults: ["1 MergeMarker <<<<<<<"],
    },
    {
      name: "words that hide who acts",
      source: "// Whoever asks gets it.\nconst x = 1;",
      faults: ["1 Wording Whoever"],
    },
  ])("$name", ({ source, faults }) => {
    expect(faultsOf(source)).toEqual(faults);
  });
});

/**
 * `node scripts/generate-interop-matrix.ts REPORT...`: writes the table of BGP implementations in docs/conformance/bgp-interop.md from the JSON
 * reports of the end-to-end tests. With `--check` it writes nothing, and fails where the page says something else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { interopMatrix } from "./interop-matrix.ts";

const MARK = "<!-- The table below is written by scripts/generate-interop-matrix.ts. -->\n\n";
const page = resolve(import.meta.dirname, "../docs/conformance/bgp-interop.md");

const words = process.argv.slice(2);
const reports = words.filter((word) => word !== "--check").map((path) => JSON.parse(readFileSync(path, "utf8")));
const before = readFileSync(page, "utf8");
const head = before.slice(0, before.indexOf(MARK) + MARK.length);
const after = head + interopMatrix(reports);
if (words.includes("--check")) {
  if (after !== before) {
    process.stderr.write(`docs/conformance/bgp-interop.md is not what the tests showed; it would be:\n${after}`);
    process.exitCode = 1;
  }
} else writeFileSync(page, after);

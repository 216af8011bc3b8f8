/** Fails on an import that goes against the arrows, on the world named in a pure package, and on a circle of imports. */
import { globSync, readFileSync } from "node:fs";
import { importViolations } from "./import-violations.ts";

const patterns = [
  "{packages,apps}/*/src/**/*.ts",
  "packages/*/conformance/**/*.ts",
  "lab/src/**/*.ts",
  "lab/api-server/src/**/*.ts",
  "{e2e,bench}/src/**/*.ts",
  "scripts/*.ts",
];
const files = new Map(globSync(patterns).map((file) => [file, readFileSync(file, "utf8")]));
const violations = importViolations(files);
for (const { file, code, names } of violations) process.stderr.write(`${file}: ${code}: ${names}\n`);
process.stdout.write(`check-imports: ${files.size} files, ${violations.length} violations\n`);
process.exitCode = violations.length === 0 ? 0 : 1;

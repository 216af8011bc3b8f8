/** Fails on an export without a doc comment, and on a comment that does not begin with the thing or the verb. */
import { globSync, readFileSync } from "node:fs";
import { commentFaults } from "./doc-comments.ts";

const patterns = [
  "{packages,apps}/*/src/**/*.ts",
  "{lab,e2e,bench}/src/**/*.ts",
  "lab/api-server/src/**/*.ts",
  "scripts/*.ts",
];
const files = globSync(patterns);
const faults = files.flatMap((file) => commentFaults(file, readFileSync(file, "utf8")));
for (const { file, line, code, names } of faults) process.stderr.write(`${file}:${line}: ${code}: ${names}\n`);
process.stdout.write(`check-comments: ${files.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

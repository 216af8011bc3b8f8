/** Fails on a TypeScript file of more lines than a file may have: it holds more than one concept. */
import { globSync, readFileSync } from "node:fs";
import { longFiles, MOST_LINES } from "./file-lengths.ts";

const paths = globSync("**/*.ts", { exclude: ["**/node_modules", "**/dist", "**/bundle"] });
const files = new Map(paths.map((file) => [file, readFileSync(file, "utf8")]));
const long = longFiles(files);
for (const { file, lines } of long) process.stderr.write(`${file}: ${lines} lines, ${MOST_LINES} at most\n`);
process.stdout.write(`check-lengths: ${files.size} files, ${long.length} too long\n`);
process.exitCode = long.length === 0 ? 0 : 1;

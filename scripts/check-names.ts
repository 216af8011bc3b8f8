/** Lists the exported names that several files declare, and fails on one that `shared-names.ts` gives no reason for. */
import { globSync, readFileSync } from "node:fs";
import { sharedNames } from "./exported-names.ts";
import { REASONS } from "./shared-names.ts";

const files = new Map(globSync("{packages,apps}/*/src/**/*.ts").map((file) => [file, readFileSync(file, "utf8")]));
const shared = sharedNames(files);
const unexplained = shared.filter(({ name }) => !Object.hasOwn(REASONS, name));
const obsolete = Object.keys(REASONS).filter((name) => !shared.some((each) => each.name === name));
for (const { name, files } of process.argv.includes("--quiet") ? [] : shared)
  process.stdout.write(`${name}: ${REASONS[name] ?? "NO REASON"}\n  ${files.join("\n  ")}\n`);
for (const { name } of unexplained)
  process.stderr.write(`${name}: one word for two things: rename one, or give a reason\n`);
for (const name of obsolete)
  process.stderr.write(`${name}: a reason for a name that no two files declare: delete it\n`);
process.stdout.write(`check-names: ${shared.length} names declared in more than one file\n`);
process.exitCode = unexplained.length + obsolete.length === 0 ? 0 : 1;

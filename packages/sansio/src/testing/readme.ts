import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The first TypeScript block of a README, and what it printed when it was run as a program of its own beside the sources. */
export function runReadmeExample(folder: string): { readonly example: string; readonly printed: string } {
  const example = /```ts\n(.*?)```/s.exec(readFileSync(resolve(folder, "README.md"), "utf8"))?.[1];
  if (example === undefined) throw new Error(`the README of ${folder} has no example`);
  const options = ["--conditions=@herald-lb/source", "--input-type=module-typescript", "--eval", example];
  return { example, printed: execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" }).trim() };
}

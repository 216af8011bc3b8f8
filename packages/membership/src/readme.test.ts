import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

it("runs the example of the README, which prints what it says", () => {
  const folder = resolve(import.meta.dirname, "..");
  const example = /```ts\n(.*?)```/s.exec(readFileSync(resolve(folder, "README.md"), "utf8"))?.[1] ?? "";
  const options = ["--conditions=@herald-lb/source", "--input-type=module-typescript", "--eval", example];
  const printed = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
  expect(example).toContain(`// ${printed.trim()}`);
  expect(printed.trim()).not.toBe("");
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(20);
});

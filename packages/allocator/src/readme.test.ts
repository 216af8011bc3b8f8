import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runReadmeExample } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";

const folder = resolve(import.meta.dirname, "..");

it("runs the example of the README, which prints the output shown there", () => {
  const { printed } = runReadmeExample(folder);
  const promised = /It prints\n\n```\n(.*?)\n```/s.exec(readFileSync(resolve(folder, "README.md"), "utf8"))?.[1];
  expect(printed).toBe(promised);
});

it("knows of no orchestrator", () => {
  const readme = readFileSync(resolve(folder, "README.md"), "utf8");
  expect(readme).not.toMatch(/kubernetes|namespace|metallb/i);
});

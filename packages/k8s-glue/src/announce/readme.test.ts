import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runReadmeExample } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";

it("runs the example of the README, which prints the output shown there", () => {
  const folder = import.meta.dirname;
  const promised = /It prints\n\n```\n(.*?)\n```/s.exec(readFileSync(resolve(folder, "README.md"), "utf8"))?.[1];
  expect(runReadmeExample(folder).printed).toBe(promised);
});

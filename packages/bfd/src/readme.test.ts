import { resolve } from "node:path";
import { runReadmeExample } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";

it("runs the example of the README, which prints what it says", () => {
  const { example, printed } = runReadmeExample(resolve(import.meta.dirname, ".."));
  expect(example).toContain(`// ${printed.trim()}`);
});

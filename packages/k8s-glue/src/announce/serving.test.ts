import { describe, expect, it } from "vitest";
import { isServing } from "./serving.ts";

describe("whether an endpoint serves", () => {
  it.each([
    [{}, true],
    [{ ready: true }, true],
    [{ ready: null }, true],
    [{ ready: false }, false],
    [{ ready: false, serving: true, terminating: true }, true],
    [{ ready: false, serving: false, terminating: true }, false],
    [{ ready: false, serving: null }, false],
  ])("%j: %j", (conditions, serves) => {
    expect(isServing({ addresses: ["10.0.0.1"], conditions })).toBe(serves);
  });
});

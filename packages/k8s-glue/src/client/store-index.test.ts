import { describe, expect, it } from "vitest";
import { createIndex } from "./store-index.ts";

describe("an index of a store", () => {
  it("finds every key under a value, in the order of their coming", () => {
    const index = createIndex();
    for (const key of ["a/1", "a/2", "a/3"] as const) index.add("x", key);
    index.add("y", "b/1");
    expect([index.keys("x"), index.keys("y"), index.keys("z")]).toEqual([["a/1", "a/2", "a/3"], ["b/1"], []]);
  });

  it("holds a key once, however often it is added", () => {
    const index = createIndex();
    index.add("x", "a/1");
    index.add("x", "a/1");
    expect(index.keys("x")).toEqual(["a/1"]);
  });

  it("forgets a key that is removed and leaves the others", () => {
    const index = createIndex();
    for (const key of ["a/1", "a/2"] as const) index.add("x", key);
    index.remove("x", "a/1");
    expect(index.keys("x")).toEqual(["a/2"]);
    index.remove("x", "a/2");
    expect(index.keys("x")).toEqual([]);
  });

  it("takes the removal of a key that it does not hold", () => {
    const index = createIndex();
    index.add("x", "a/1");
    index.remove("x", "b/1");
    index.remove("y", "a/1");
    expect(index.keys("x")).toEqual(["a/1"]);
  });
});

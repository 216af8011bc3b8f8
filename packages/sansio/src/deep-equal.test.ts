import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepEqual } from "./deep-equal.ts";

/** The value with the fields of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

describe("deepEqual", () => {
  it.each<{ name: string; a: unknown; b: unknown; equal: boolean }>([
    { name: "a list and an object", a: [], b: {}, equal: false },
    { name: "an object and null", a: {}, b: null, equal: false },
    { name: "lists of different lengths", a: [1], b: [1, 2], equal: false },
    { name: "lists in different orders", a: [1, 2], b: [2, 1], equal: false },
    { name: "a field more on the right", a: { x: 1 }, b: { x: 1, y: 2 }, equal: false },
    { name: "a field more on the left", a: { x: 1, y: 2 }, b: { x: 1 }, equal: false },
    { name: "a field that is undefined and one that is absent", a: { x: undefined }, b: {}, equal: true },
    { name: "a field that is null and one that is absent", a: { x: null }, b: {}, equal: false },
    { name: "a field that every object inherits", a: { constructor: Object }, b: {}, equal: false },
    { name: "nested differences", a: { x: [{ y: 1 }] }, b: { x: [{ y: 2 }] }, equal: false },
    { name: "a number and its text", a: 1, b: "1", equal: false },
  ])("compares $name", ({ a, b, equal }) => {
    expect(deepEqual(a, b)).toBe(equal);
    expect(deepEqual(b, a)).toBe(equal);
  });

  it("agrees with JSON text, whatever the order of fields", () => {
    // JSON has one zero.
    const json = fc.jsonValue({ noUnicodeString: false }).map((value): unknown => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(deepEqual(a, reversed(a))).toBe(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(deepEqual(a, b)).toBe(true);
        if (deepEqual(a, b)) expect(a).toEqual(b);
      }),
    );
  });
});

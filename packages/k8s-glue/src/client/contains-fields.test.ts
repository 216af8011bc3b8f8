import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsFields, type FieldComparison } from "./contains-fields.ts";

describe("containsFields", () => {
  const ready = { type: "Ready", status: "True" };
  const cases: readonly {
    name: string;
    live: unknown;
    wanted: unknown;
    comparison?: FieldComparison;
    expected: boolean;
  }[] = [
    { name: "nothing wanted", live: { a: 1 }, wanted: {}, expected: true },
    { name: "a field more in the live object", live: { a: 1, b: 2 }, wanted: { a: 1 }, expected: true },
    { name: "a field less", live: { a: 1 }, wanted: { a: 1, b: 2 }, expected: false },
    { name: "another value deep inside", live: { a: { b: 1 } }, wanted: { a: { b: 2 } }, expected: false },
    { name: "an empty list where the field is absent", live: {}, wanted: { a: [] }, expected: true },
    { name: "an empty object where the field is absent", live: {}, wanted: { a: { b: {} } }, expected: true },
    { name: "a list in another order", live: { a: [1, 2] }, wanted: { a: [2, 1] }, expected: false },
    { name: "a longer list", live: { a: [1, 2] }, wanted: { a: [1] }, expected: false },
    {
      name: "an ingress with a default filled in",
      live: { a: [{ ip: "x", ipMode: "VIP" }] },
      wanted: { a: [{ ip: "x" }] },
      expected: true,
    },
    {
      name: "a leftover in a field of ours",
      live: { a: { b: 1 } },
      wanted: { a: {} },
      comparison: { exact: ["a"] },
      expected: false,
    },
    {
      name: "a leftover where nothing is wanted",
      live: { s: { a: [1] } },
      wanted: { s: {} },
      comparison: { exact: ["s.a"] },
      expected: false,
    },
    {
      name: "a leftover list that is wanted empty",
      live: { s: { a: [1] } },
      wanted: { s: { a: [] } },
      comparison: { exact: ["s.a"] },
      expected: false,
    },
    {
      name: "another's condition beside ours",
      live: { c: [{ type: "Other" }, ready] },
      wanted: { c: [ready] },
      comparison: { listKeys: { c: ["type"] } },
      expected: true,
    },
    {
      name: "our condition with another status",
      live: { c: [ready] },
      wanted: { c: [{ ...ready, status: "False" }] },
      comparison: { listKeys: { c: ["type"] } },
      expected: false,
    },
    { name: "a list where a string is", live: { a: "b" }, wanted: { a: ["b"] }, expected: false },
    { name: "a string that is empty", live: {}, wanted: { a: "" }, expected: false },
  ];
  for (const { name, live, wanted, comparison, expected } of cases) {
    it(`answers ${expected} for ${name}`, () => expect(containsFields(live, wanted, comparison)).toBe(expected));
  }

  it("takes a field for a field though every object inherits its name", () => {
    expect(containsFields({ valueOf: [""] }, { valueOf: [""] })).toBe(true);
  });

  it("holds for any value and itself, exactly or not", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, exact) => {
        expect(containsFields(value, JSON.parse(JSON.stringify(value)), exact ? { exact: [""] } : {})).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

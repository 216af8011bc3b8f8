import { anySelectorMatches, type LabelSelector } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SelectedIndex } from "./selected-index.ts";
import { selectorsOverlap } from "./selectors-overlap.ts";

const expression = (
  key: string,
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
  ...values: string[]
): LabelSelector => ({
  matchExpressions: [values.length === 0 ? { key, operator } : { key, operator, values }],
});
const label = (key: string, value: string): LabelSelector => ({ matchLabels: { [key]: value } });

const key = fc.constantFrom("k", "l");
const value = fc.constantFrom("a", "b");
const requirement = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: fc.dictionary(key, value), matchExpressions: fc.array(requirement, { maxLength: 3 }) },
  { requiredKeys: [] },
);
const list = fc.array(selector, { minLength: 1, maxLength: 2 });

describe("selectors meet", () => {
  it.each([
    { name: "everything and everything", a: null, b: null, expected: true },
    { name: "everything and one node", a: null, b: [label("host", "a")], expected: true },
    { name: "two nodes", a: [label("host", "a")], b: [label("host", "b")], expected: false },
    { name: "one node", a: [label("host", "a")], b: [label("host", "a")], expected: true },
    { name: "two labels that one node may have", a: [label("host", "a")], b: [label("rack", "b")], expected: true },
    { name: "one of several", a: [label("host", "a"), label("host", "b")], b: [label("host", "b")], expected: true },
    { name: "lists", a: [expression("h", "In", "a", "b")], b: [expression("h", "In", "b", "c")], expected: true },
    { name: "other lists", a: [expression("h", "In", "a")], b: [expression("h", "In", "b", "c")], expected: false },
    { name: "a value and its exclusion", a: [label("h", "a")], b: [expression("h", "NotIn", "a")], expected: false },
    {
      name: "presence and absence",
      a: [expression("h", "Exists")],
      b: [expression("h", "DoesNotExist")],
      expected: false,
    },
    {
      name: "presence and exclusion",
      a: [expression("h", "Exists")],
      b: [expression("h", "NotIn", "a")],
      expected: true,
    },
    {
      name: "a selector that contradicts itself",
      a: [{ ...label("h", "a"), ...expression("h", "In", "b") }],
      b: null,
      expected: false,
    },
  ])("of $name: $expected", ({ a, b, expected }) => {
    expect(selectorsOverlap(a, b)).toBe(expected);
    expect(selectorsOverlap(b, a)).toBe(expected);
  });

  it("exactly where there are labels that both match", () => {
    // "c" stands for every value that no selector names.
    const choices = [undefined, "a", "b", "c"];
    const every = choices.flatMap((k) =>
      choices.map((l) => ({ ...(k === undefined ? {} : { k }), ...(l === undefined ? {} : { l }) })),
    );
    fc.assert(
      fc.property(list, list, (a, b) => {
        const expected = every.some((labels) => anySelectorMatches(a, labels) && anySelectorMatches(b, labels));
        expect(selectorsOverlap(a, b)).toBe(expected);
      }),
    );
  });

  it("with those that an index finds, and with nobody else", () => {
    fc.assert(
      fc.property(fc.array(fc.option(list), { maxLength: 5 }), fc.option(list), (others, asked) => {
        const index = new SelectedIndex<number>();
        for (const [at, other] of others.entries()) index.add(at, other);
        const found = index.candidates(asked);
        for (const [at, other] of others.entries())
          if (selectorsOverlap(other, asked)) expect(found.has(at)).toBe(true);
      }),
    );
    const index = new SelectedIndex<string>();
    for (const name of ["a", "b", "c"]) index.add(name, [label("host", name)]);
    index.add("rack", [label("rack", "r")]);
    index.add("all", null);
    expect([...index.candidates([label("host", "b")])].toSorted()).toEqual(["all", "b", "rack"]);
    expect(index.candidates(null).size).toBe(5);
  });
});

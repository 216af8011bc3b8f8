import { describe, expect, it } from "vitest";
import {
  anySelectorMatches,
  canonicalSelector,
  type LabelSelector,
  selectorError,
  selectorMatches,
} from "./label-selector.ts";

const labels = { app: "web", tier: "front" };

describe("a label selector", () => {
  it.each<{ name: string; selector: LabelSelector; matches: boolean }>([
    { name: "empty matches everything", selector: {}, matches: true },
    { name: "matchLabels equal", selector: { matchLabels: { app: "web" } }, matches: true },
    { name: "matchLabels differ", selector: { matchLabels: { app: "db" } }, matches: false },
    { name: "all labels must match", selector: { matchLabels: { app: "web", tier: "back" } }, matches: false },
    { name: "In", selector: one("app", "In", ["db", "web"]), matches: true },
    { name: "In of an absent key", selector: one("zone", "In", ["a"]), matches: false },
    { name: "NotIn", selector: one("app", "NotIn", ["web"]), matches: false },
    { name: "NotIn of an absent key holds", selector: one("zone", "NotIn", ["a"]), matches: true },
    { name: "Exists", selector: one("tier", "Exists"), matches: true },
    { name: "Exists of an absent key", selector: one("toString", "Exists"), matches: false },
    { name: "DoesNotExist", selector: one("tier", "DoesNotExist"), matches: false },
    { name: "DoesNotExist of an absent key", selector: one("zone", "DoesNotExist"), matches: true },
    {
      name: "labels and expressions are joined by and",
      selector: { matchLabels: { app: "web" }, ...one("tier", "In", ["back"]) },
      matches: false,
    },
  ])("$name", ({ selector, matches }) => {
    expect(selectorMatches(selector, labels)).toBe(matches);
  });

  it("in a list is joined by or, and an empty list matches nothing", () => {
    expect(anySelectorMatches([{ matchLabels: { app: "db" } }, {}], labels)).toBe(true);
    expect(anySelectorMatches([], labels)).toBe(false);
  });

  it("reads the same in any order of its parts", () => {
    expect(canonicalSelector({ matchLabels: { a: "1", b: "2" } })).toBe(
      canonicalSelector({ matchLabels: { b: "2", a: "1" } }),
    );
    expect(canonicalSelector(one("a", "In", ["x", "y"]))).toBe(canonicalSelector(one("a", "In", ["y", "x"])));
    expect(canonicalSelector(one("a", "In", ["x"]))).not.toBe(canonicalSelector(one("a", "NotIn", ["x"])));
  });

  it("is at fault with values where none belong, and without where some do", () => {
    expect(selectorError(one("a", "In", []))?.path).toBe("matchExpressions[0].values");
    expect(selectorError(one("a", "Exists", ["x"]))?.path).toBe("matchExpressions[0].values");
    expect(selectorError(one("a", "Exists"))).toBeNull();
  });
});

function one(key: string, operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: string[]): LabelSelector {
  return { matchExpressions: [values === undefined ? { key, operator } : { key, operator, values }] };
}

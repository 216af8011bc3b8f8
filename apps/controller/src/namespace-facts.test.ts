import type { Namespace } from "@herald-lb/k8s-glue/objects";
import { deepEqual } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { namespaceFactsOf, partOfNamespace } from "./namespace-facts.ts";

const MOST = "herald-lb.io/max-addresses";
const namespace = (name: string, annotations = {}, labels = {}): Namespace => ({
  metadata: { name, annotations, labels },
});

describe("namespaceFactsOf", () => {
  it("has the labels of all and the quotas of those that have one, and passes over what cannot be read", () => {
    const bad = namespace("bad", { [MOST]: "many" });
    const facts = namespaceFactsOf([namespace("a", { [MOST]: "3" }, { team: "a" }), namespace("b"), bad]);
    expect(facts.namespaces).toEqual(
      new Map([
        ["a", { team: "a" }],
        ["b", {}],
        ["bad", {}],
      ]),
    );
    expect(facts.quotas).toEqual(new Map([["a", 3]]));
    expect(facts.faults).toMatchObject([{ namespace: bad, issue: { code: "BadAnnotation", annotation: MOST } }]);
  });
});

describe("partOfNamespace", () => {
  it.each([
    { name: "a label", changed: namespace("a", { [MOST]: "3" }, { team: "b" }), differs: true },
    { name: "the quota", changed: namespace("a", { [MOST]: "4" }, { team: "a" }), differs: true },
    { name: "another annotation", changed: namespace("a", { [MOST]: "3", note: "x" }, { team: "a" }), differs: false },
  ])("differs by $name: $differs", ({ changed, differs }) => {
    const before = namespace("a", { [MOST]: "3" }, { team: "a" });
    expect(!deepEqual(partOfNamespace(changed), partOfNamespace(before))).toBe(differs);
  });
});

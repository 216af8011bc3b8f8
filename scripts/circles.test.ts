import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { circlesOf } from "./circles.ts";

const graph = (arrows: readonly string[]): Map<string, Set<string>> => {
  const made = new Map<string, Set<string>>();
  for (const arrow of arrows) {
    const [from = "", to = ""] = arrow.split(">");
    made.set(from, (made.get(from) ?? new Set()).add(to));
  }
  return made;
};

describe("circlesOf", () => {
  it.each([
    { name: "no circle in a tree", arrows: ["a>b", "a>c", "b>d", "c>d"], circles: [] },
    { name: "a node that points to itself", arrows: ["a>a"], circles: ["a>a"] },
    { name: "two nodes", arrows: ["a>b", "b>a"], circles: ["a>b>a"] },
    { name: "the shortest way of a group", arrows: ["a>b", "b>c", "c>a", "c>d", "d>c", "b>a"], circles: ["a>b>a"] },
    { name: "a circle behind a node that is in none", arrows: ["a>b", "b>c", "c>b"], circles: ["b>c>b"] },
    { name: "two groups apart", arrows: ["a>b", "b>a", "b>c", "c>d", "d>c"], circles: ["a>b>a", "c>d>c"] },
  ])("$name", ({ arrows, circles }) => {
    expect(circlesOf(graph(arrows)).map((circle) => circle.join(">"))).toEqual(circles);
  });

  it("finds none exactly where the nodes can be put in an order", () => {
    const arrow = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(fc.array(arrow, { maxLength: 16 }), (arrows) => {
        const left = new Set(arrows.map(([from, to]) => `${from}>${to}`));
        const nodes = new Set(arrows.flat());
        // Takes away nodes that nothing points to until none is left.
        for (let node = sourceOf(nodes, left); node !== undefined; node = sourceOf(nodes, left)) {
          nodes.delete(node);
          for (const each of left) if (each.startsWith(`${node}>`)) left.delete(each);
        }
        expect(circlesOf(graph(arrows.map(([from, to]) => `${from}>${to}`))).length === 0).toBe(nodes.size === 0);
      }),
    );
  });
});

function sourceOf(nodes: ReadonlySet<number>, arrows: ReadonlySet<string>): number | undefined {
  return [...nodes].find((node) => ![...arrows].some((arrow) => arrow.endsWith(`>${node}`)));
}

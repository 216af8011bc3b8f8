import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NodeName, nodeName } from "./node-name.ts";
import { createRing, hashedNode, type Ring, watchedBy, watchersOf } from "./ring.ts";

const names = fc
  .uniqueArray(fc.nat(500), { minLength: 1, maxLength: 40 })
  .map((all) => all.map((n) => nodeName(`n${n}`)));

const ringOf = (nodes: readonly NodeName[]): Ring => createRing(nodes.map(hashedNode));

describe("the ring", () => {
  it("is the same for every order in which its nodes are known, and counts each once", () => {
    fc.assert(
      fc.property(names, (nodes) => {
        expect(ringOf([...nodes].reverse().concat(nodes))).toEqual(ringOf(nodes));
      }),
    );
  });

  it("gives each node three watchers, or all others where there are fewer, never itself", () => {
    fc.assert(
      fc.property(names, (nodes) => {
        const ring = ringOf(nodes);
        for (const node of nodes) {
          const watchers = watchersOf(ring, node, 3);
          expect(new Set(watchers).size).toBe(Math.min(3, nodes.length - 1));
          expect(watchers).not.toContain(node);
        }
      }),
    );
  });

  it("has a node watch exactly those that it is a watcher of", () => {
    fc.assert(
      fc.property(names, (nodes) => {
        const ring = ringOf(nodes);
        for (const node of nodes) {
          const watched = nodes.filter((other) => watchersOf(ring, other, 3).includes(node));
          expect(new Set(watchedBy(ring, node, 3))).toEqual(new Set(watched));
        }
      }),
    );
  });

  it("changes the watchers of no more than three nodes when a node goes", () => {
    fc.assert(
      fc.property(names, (nodes) => {
        const [gone, ...rest] = nodes as [NodeName, ...NodeName[]];
        const [before, after] = [ringOf(nodes), ringOf(rest)];
        const differ = rest.filter(
          (node) => String(watchersOf(before, node, 3)) !== String(watchersOf(after, node, 3)),
        );
        expect(differ.length).toBeLessThanOrEqual(3);
        for (const node of differ) expect(watchersOf(before, node, 3)).toContain(gone);
      }),
    );
  });

  it("has no watchers for a node that it does not contain", () => {
    expect(watchersOf(ringOf([nodeName("a"), nodeName("b")]), nodeName("c"), 3)).toEqual([]);
  });
});

import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { open, pool, read } from "./demand.test.fixture.ts";

describe("the order of pools", () => {
  const allocation = (more: object) => ({ serviceAllocation: more });

  it("is pinned by priority, 0 last, ties by name, then those for everybody", () => {
    const addresses = (at: number) => `192.0.2.${at * 16}/28`;
    const pools = [
      pool("any", addresses(0)),
      pool("zero", addresses(1), allocation({ namespaces: ["team-a"] })),
      pool("ten", addresses(2), allocation({ namespaces: ["team-a"], priority: 10 })),
      pool("five-b", addresses(3), allocation({ priority: 5 })),
      pool("five-a", addresses(4), allocation({ namespaceSelectors: [{ matchLabels: { team: "a" } }], priority: 5 })),
      pool("other", addresses(5), allocation({ namespaces: ["team-b"], priority: 1 })),
      pool("manual", addresses(6), { autoAssign: false, ...allocation({ priority: 1 }) }),
    ];
    expect(read({}, pools)).toMatchObject({
      demand: {
        pools: ["five-a", "five-b", "ten", "zero", "any"],
        permitted: ["any", "five-a", "five-b", "manual", "ten", "zero"],
      },
    });
  });

  it("joins namespaces and Service selectors by and", () => {
    const pinned = (namespaces: string[], app: string) =>
      read({ labels: { app: "web" } }, [
        pool("p", "192.0.2.0/28", allocation({ namespaces, serviceSelectors: [{ matchLabels: { app } }] })),
      ]);
    expect(pinned(["team-a"], "web")).toMatchObject({ demand: { pools: ["p"] } });
    expect(pinned(["team-a"], "db")).toMatchObject({ demand: { pools: [], permitted: [] } });
    expect(pinned(["team-b"], "web")).toMatchObject({ demand: { pools: [], permitted: [] } });
  });

  it("keeps a pool closed whose namespaceSelectors match no namespace", () => {
    const empty = allocation({ namespaceSelectors: [{ matchLabels: { team: "none" } }] });
    expect(read({}, [pool("p", "192.0.2.0/28", empty)])).toMatchObject({ demand: { permitted: [] } });
  });
});

describe("spreading over pools", () => {
  it("makes one choice of the pools of one rank", () => {
    const pinned = (name: string, at: number, priority: number): KubernetesObject =>
      pool(name, `192.0.2.${at * 16}/28`, { serviceAllocation: { namespaces: ["team-a"], priority } });
    const pools = [pinned("y", 1, 5), pinned("x", 2, 5), pinned("one", 3, 1), pinned("last", 4, 0), ...open];
    const spread = read({}, pools, null, { spreadPools: true });
    expect(spread).toMatchObject({ demand: { pools: ["one", ["x", "y"], "last", ["a", "b"]] } });
    expect(read({}, pools)).toMatchObject({ demand: { pools: ["one", "x", "y", "last", "a", "b"] } });
  });
});

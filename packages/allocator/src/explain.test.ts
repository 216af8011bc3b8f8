import { describe, expect, it } from "vitest";
import { allocatorWith, demand, DUAL, ip, NOW, pool, V4, V6 } from "./allocation.test.fixture.ts";

describe("explain", () => {
  it("returns the part of every pool in a decision, in the order in which they are tried", () => {
    const allocator = allocatorWith(V4, V6, DUAL, pool("one", ["203.0.113.1"]));
    allocator.assign(demand("other", { pools: ["one"] }), NOW);
    const wanted = demand("svc", {
      pools: ["gone", "one", "v4", "dual"],
      permitted: ["v4", "dual", "one", "v6", "gone"],
    });
    const { outcome, pools } = allocator.explain(wanted, NOW);
    expect(outcome.assignment).toEqual({ pool: "v4", addresses: ["192.0.2.0"] });
    expect(pools).toEqual([
      { pool: "gone", verdict: "Refuses", refusals: [{ pool: "gone", family: "IPv4", code: "Unknown" }] },
      { pool: "one", verdict: "Refuses", refusals: [{ pool: "one", family: "IPv4", code: "Exhausted" }] },
      { pool: "v4", verdict: "Gives" },
      { pool: "dual", verdict: "NotTried" },
      { pool: "v6", verdict: "NotEligible" },
    ]);
    expect(allocator.assignmentOf("svc")).toBeNull();
    allocator.assign(wanted, NOW);
    expect(allocator.explain(wanted, NOW).pools[2]).toEqual({ pool: "v4", verdict: "Holds" });
    const named = allocator.explain({ ...wanted, permitted: ["dual"], requested: [ip("198.51.100.2")] }, NOW);
    expect(named.pools.find(({ pool: name }) => name === "v6")).toEqual({ pool: "v6", verdict: "NotPermitted" });
    expect(named.outcome.assignment).toEqual({ pool: "dual", addresses: ["198.51.100.2"] });
  });
});

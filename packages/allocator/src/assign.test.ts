import { describe, expect, it } from "vitest";
import { NOW, ip, pool, demand, allocatorWith, V4 } from "./allocation.test.fixture.ts";

describe("assign", () => {
  it("gives the lowest free address, the network address first", () => {
    const allocator = allocatorWith(V4);
    const given = ["a", "b", "c", "d"].map((name) => allocator.assign(demand(name), NOW).assignment?.addresses[0]);
    expect(given).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    expect(allocator.assign(demand("e"), NOW)).toEqual({
      assignment: null,
      change: "Pending",
      refusal: { code: "PoolsExhausted", tried: [{ pool: "v4", family: "IPv4", code: "Exhausted" }] },
      removalReason: null,
    });
    allocator.release("c", NOW);
    allocator.release("a", NOW);
    expect(allocator.assign(demand("e"), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.assign(demand("f"), NOW).assignment?.addresses).toEqual(["192.0.2.2"]);
  });

  it("goes on with the lowest after one far above was asked for and given back", () => {
    const allocator = allocatorWith(pool("wide", ["10.0.0.0-10.255.255.255"]));
    const wanted = { pools: ["wide"] };
    allocator.assign(demand("far", { ...wanted, requested: [ip("10.9.9.9")] }), NOW);
    allocator.release("far", NOW);
    expect(allocator.assign(demand("b", wanted), NOW).assignment?.addresses).toEqual(["10.0.0.0"]);
  });

  it("takes the pools in the demand's order and a pool's ranges in the order written", () => {
    const backwards = pool("backwards", ["192.0.2.9", "192.0.2.8"]);
    const allocator = allocatorWith(V4, backwards);
    const wanted = { pools: ["backwards", "v4"], permitted: ["backwards", "v4"] };
    const given = ["a", "b", "c"].map((name) => allocator.assign(demand(name, wanted), NOW).assignment?.addresses[0]);
    expect(given).toEqual(["192.0.2.9", "192.0.2.8", "192.0.2.0"]);
  });

  it("never gives .0 and .255 of a pool that avoids them, not on request either", () => {
    const wide = pool("wide", ["192.0.2.254-192.0.3.1"], { avoidBuggyIPs: true });
    const allocator = allocatorWith(wide);
    const wanted = { pools: ["wide"], permitted: ["wide"] };
    expect(allocator.usageOf("wide")?.IPv4).toEqual({ assigned: 0n, available: 2n });
    expect(allocator.assign(demand("a", wanted), NOW).assignment?.addresses).toEqual(["192.0.2.254"]);
    expect(allocator.assign(demand("b", wanted), NOW).assignment?.addresses).toEqual(["192.0.3.1"]);
    expect(allocator.assign(demand("c", wanted), NOW).refusal?.code).toBe("PoolsExhausted");
    expect(allocator.assign(demand("c", { ...wanted, requested: [ip("192.0.3.0")] }), NOW).refusal).toEqual({
      code: "AddressAvoided",
      address: "192.0.3.0",
      pool: "wide",
    });
  });
});

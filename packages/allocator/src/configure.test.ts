import { describe, expect, it } from "vitest";
import { NOW, ip, pool, demand, allocatorWith, both, given, V4, DUAL } from "./allocation.test.fixture.ts";

describe("configure", () => {
  it("returns the services that new pools displace, and moves them on their next demand", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    allocator.assign(demand("b"), NOW);
    const shrunk = pool("v4", ["192.0.2.1-192.0.2.3"]);
    expect(allocator.configure([shrunk]).displaced).toEqual(["a"]);
    expect(allocator.assign(demand("a"), NOW)).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.2"] },
      removalReason: { code: "AddressOutsidePools", address: "192.0.2.0" },
    });
    expect(allocator.configure([]).displaced).toEqual(["a", "b"].toSorted());
    expect(allocator.assign(demand("b"), NOW)).toMatchObject({ change: "Released", assignment: null });
  });

  it("follows a pool that was renamed or split: the address stays", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    const renamed = pool("renamed", ["192.0.2.0-192.0.2.3"]);
    expect(allocator.configure([renamed]).displaced).toEqual(["a"]);
    const wanted = demand("a", { pools: ["renamed"], permitted: ["renamed"] });
    expect(allocator.assign(wanted, NOW)).toMatchObject({
      change: "Kept",
      assignment: { pool: "renamed", addresses: ["192.0.2.0"] },
    });
  });

  it("moves only one of two addresses where a pool is split and the last free address is its own", () => {
    const allocator = allocatorWith(pool("old", ["192.0.2.1", "2001:db8::1"]));
    expect(given(allocator, demand("a", { families: both, pools: ["old"] }))).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(
      allocator.configure([pool("v4", ["192.0.2.1"]), pool("dual", ["192.0.2.2", "2001:db8::1"])]).displaced,
    ).toEqual(["a"]);
    expect(allocator.assign(demand("a", { families: both, pools: ["v4", "dual"] }), NOW)).toMatchObject({
      assignment: { pool: "dual", addresses: ["192.0.2.2", "2001:db8::1"] },
      refusal: null,
    });
  });

  it("leaves an orphan with its holder until the holder asks, and gives it to no other service meanwhile", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    expect(allocator.configure([]).displaced).toEqual(["a"]);
    expect(allocator.assignmentOf("a")?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.holdersOf(ip("192.0.2.0"))).toEqual(["a"]);
    expect(allocator.configure([V4]).displaced).toEqual([]);
    expect(given(allocator, demand("b"))).toEqual(["192.0.2.1"]);
    expect(allocator.usageOf("v4")?.IPv4.assigned).toBe(2n);
    expect(allocator.assign(demand("a"), NOW).change).toBe("Kept");
  });

  it("moves no service of a pool that is the same as before, in any order of the pools", () => {
    const allocator = allocatorWith(V4, DUAL);
    allocator.assign(demand("a"), NOW);
    expect(
      allocator.configure([pool("dual", ["198.51.100.9"]), { ...V4, order: "LowestFirst", coolDown: 0 }]).displaced,
    ).toEqual([]);
    expect(allocator.usageOf("v4")?.IPv4.assigned).toBe(1n);
  });
});

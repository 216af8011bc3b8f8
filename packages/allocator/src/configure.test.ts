import { describe, expect, it } from "vitest";
import { NOW, ip, pool, demand, allocatorWith, both, given, V4, V6, DUAL } from "./allocation.test.fixture.ts";
import { AllocatorState } from "./state/allocator-state.ts";

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

  it("forgets an orphan when its holder lets it go", () => {
    const state = new AllocatorState({ slotChanged: () => undefined, accountReleased: () => undefined });
    const address = ip("192.0.2.0");
    state.configure([V4], new Map());
    state.holdings.hold(
      demand("a"),
      "v4",
      [state.find(address)].filter((slot) => slot !== null),
      NOW,
    );
    state.configure([], new Map());
    expect([...state.holdings.orphans].map((slot) => [slot.address, slot.poolFamily])).toEqual([[address, null]]);
    state.holdings.release("a", NOW);
    expect(state.find(address)).toBeNull();
  });

  it("returns the services whose refusal depends on a pool or a quota that changed, the longest waiting first", () => {
    const one = pool("one", ["203.0.113.7"]);
    const allocator = allocatorWith(one, V6);
    allocator.assign(demand("holder", { pools: ["one"] }), NOW);
    for (const service of ["b", "a"]) allocator.assign(demand(service, { pools: ["one"] }), NOW);
    allocator.assign(demand("elsewhere", { pools: ["v6"] }), NOW);
    allocator.assign(demand("asks", { permitted: ["one"], requested: [ip("203.0.113.8")] }), NOW);
    const grown = pool("one", ["203.0.113.7-203.0.113.8"]);
    const { changedPools, displaced, outdated } = allocator.configure([grown, V6]);
    expect([[...changedPools], displaced, outdated]).toEqual([["one"], [], ["b", "a", "asks"]]);
    expect(allocator.configure([V6, grown])).toEqual({ changedPools: new Set(), displaced: [], outdated: [] });
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

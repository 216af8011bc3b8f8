import { describe, expect, it } from "vitest";
import { allocatorWith, both, DUAL, demand, given, ip, NOW, pool, prefer, v4, V4 } from "./allocation.test.fixture.ts";
import type { Allocator, Pool } from "./index.ts";

const occupied = (of: Pool, ...addresses: readonly string[]): Pool => ({ ...of, occupied: addresses.map(ip) });
const asksFor = (...pools: readonly string[]) => ({ pools, permitted: pools });

/** Configures pools anew, and asks again for the services that must ask or are woken, each with its plain demand. */
function configure(allocator: Allocator, ...pools: readonly Pool[]): readonly string[] {
  const { displaced, outdated } = allocator.configure(pools);
  return [...new Set([...displaced, ...outdated, ...allocator.takeWoken(NOW)])].toSorted();
}

describe("an occupied address", () => {
  it("is given to nobody, not on request either, until it is occupied no more", () => {
    const allocator = allocatorWith(occupied(V4, "192.0.2.0"));
    expect(given(allocator, demand("a"))).toEqual(["192.0.2.1"]);
    const asked = demand("b", { requested: [ip("192.0.2.0")] });
    const refusal = { code: "AddressOccupied", address: "192.0.2.0", pool: "v4" };
    expect(allocator.assign(asked, NOW)).toMatchObject({ assignment: null, refusal });
    expect(configure(allocator, V4)).toEqual(["b"]);
    expect(given(allocator, asked)).toEqual(["192.0.2.0"]);
  });

  it("is left for another by a service that takes any, and set aside", () => {
    const allocator = allocatorWith(V4);
    expect(given(allocator, demand("a"))).toEqual(["192.0.2.0"]);
    expect(configure(allocator, occupied(V4, "192.0.2.0"))).toEqual(["a"]);
    expect(allocator.assign(demand("a"), NOW)).toEqual({
      assignment: { pool: "v4", addresses: ["192.0.2.1"] },
      change: "Assigned",
      refusal: null,
      removalReason: { code: "AddressOccupied", address: "192.0.2.0", pool: "v4" },
    });
    expect(["b", "c", "d"].flatMap((name) => given(allocator, demand(name)))).toEqual(["192.0.2.2", "192.0.2.3"]);
    expect(allocator.assign(demand("d"), NOW).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "v4", family: "IPv4", code: "Occupied" }],
    });
    expect(configure(allocator, V4)).toEqual(["d"]);
    expect(given(allocator, demand("d"))).toEqual(["192.0.2.0"]);
  });

  it("stays with a service that requests it by name", () => {
    const allocator = allocatorWith(V4);
    const asked = demand("a", { requested: [ip("192.0.2.2")] });
    expect(given(allocator, asked)).toEqual(["192.0.2.2"]);
    expect(configure(allocator, occupied(V4, "192.0.2.2"))).toEqual(["a"]);
    expect(allocator.assign(asked, NOW)).toMatchObject({ change: "Kept", refusal: null });
  });

  it("stays while no other is free, and is left as soon as one is", () => {
    const one = pool("v4", ["192.0.2.0-192.0.2.1"]);
    const allocator = allocatorWith(one);
    for (const name of ["a", "b"]) given(allocator, demand(name));
    configure(allocator, occupied(one, "192.0.2.0"));
    expect(allocator.assign(demand("a"), NOW)).toMatchObject({
      change: "Kept",
      refusal: { code: "AddressOccupied", address: "192.0.2.0" },
      removalReason: null,
    });
    allocator.release("b", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["a"]);
    expect(given(allocator, demand("a"))).toEqual(["192.0.2.1"]);
  });

  it("is kept by a service that took it for its own before, and left when it asks", () => {
    const allocator = allocatorWith(occupied(V4, "192.0.2.0"));
    const recorded = demand("a", { recorded: [ip("192.0.2.0")] });
    expect(allocator.adopt(recorded).assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(given(allocator, recorded)).toEqual(["192.0.2.1"]);
  });

  it("is left alone: the other family stays", () => {
    const allocator = allocatorWith(DUAL);
    const wanted = demand("a", { families: both, pools: ["dual"] });
    expect(given(allocator, wanted)).toEqual(["198.51.100.0", "2001:db8:1::"]);
    configure(allocator, occupied(DUAL, "2001:db8:1::"));
    expect(given(allocator, wanted)).toEqual(["198.51.100.0", "2001:db8:1::1"]);
  });

  it("of a family without another stays, and the other family's is left", () => {
    const small = pool("dual", ["198.51.100.0-198.51.100.3", "2001:db8:1::"]);
    const allocator = allocatorWith(small);
    for (const families of [both, prefer]) {
      const wanted = demand("a", { families, pools: ["dual"] });
      expect(given(allocator, wanted)).toEqual(["198.51.100.0", "2001:db8:1::"]);
      configure(allocator, occupied(small, "198.51.100.0", "2001:db8:1::"));
      expect(allocator.assign(wanted, NOW)).toMatchObject({
        assignment: { addresses: ["198.51.100.1", "2001:db8:1::"] },
        refusal: { code: "AddressOccupied", address: "2001:db8:1::" },
        removalReason: { code: "AddressOccupied", address: "198.51.100.0" },
      });
      allocator.release("a", NOW);
      configure(allocator, small);
    }
  });

  it("is left for another pool where its own has none, unless a working address would be left with it", () => {
    const [one, other] = [pool("one", ["203.0.113.1", "2001:db8::1"]), pool("other", ["203.0.113.9", "2001:db8::9"])];
    const allocator = allocatorWith(one, other);
    const wanted = demand("a", { families: both, ...asksFor("one", "other") });
    expect(given(allocator, wanted)).toEqual(["203.0.113.1", "2001:db8::1"]);
    configure(allocator, occupied(one, "203.0.113.1"), other);
    expect(allocator.assign(wanted, NOW)).toMatchObject({ change: "Kept", refusal: { code: "AddressOccupied" } });
    configure(allocator, occupied(one, "203.0.113.1", "2001:db8::1"), other);
    expect(given(allocator, wanted)).toEqual(["203.0.113.9", "2001:db8::9"]);
  });

  it("may be left by a service whose account is at its limit", () => {
    const limited = { ...V4, maxPerAccount: 1 };
    const allocator = allocatorWith(limited);
    given(allocator, demand("a"));
    configure(allocator, occupied(limited, "192.0.2.0"));
    expect(given(allocator, demand("a"))).toEqual(["192.0.2.1"]);
    expect(allocator.assign(demand("b"), NOW).refusal?.code).toBe("PoolsExhausted");
  });

  it("is replaced once for an account at its limit, also where the service wants more", () => {
    const limited = { ...V4, maxPerAccount: 1 };
    const allocator = allocatorWith(limited);
    given(allocator, demand("a"));
    configure(allocator, occupied(limited, "192.0.2.0"));
    expect(given(allocator, demand("a", { perFamily: 2 }))).toEqual(["192.0.2.1"]);
    expect(allocator.usageOf("v4")?.IPv4.assigned).toBe(1n);
  });

  it("of each family is replaced within the limit of the account, where one of them frees no room", () => {
    const limited = { ...DUAL, maxPerAccount: 3, sharedAcrossAccounts: true };
    const allocator = allocatorWith(limited);
    const dual = { families: both, pools: ["dual"], sharingKey: "k" };
    const one = demand("a", dual);
    const other = demand("b", { ...dual, families: v4, ports: [{ protocol: "TCP", port: 443 }] });
    expect(given(allocator, one)).toEqual(["198.51.100.0", "2001:db8:1::"]);
    expect(given(allocator, other)).toEqual(["198.51.100.0"]);
    given(allocator, demand("c", { families: v4, pools: ["dual"] }));
    // The account holds three of three addresses; that of "a" which "b" shares frees no room.
    configure(allocator, occupied(limited, "198.51.100.0", "2001:db8:1::"));
    const { assignment, refusal } = allocator.assign(one, NOW);
    expect(assignment?.addresses).toEqual(["198.51.100.0", "2001:db8:1::1"]);
    expect(refusal).toMatchObject({ code: "AddressOccupied", address: "198.51.100.0" });
  });

  it("wakes the service that keeps it once it is occupied no more, though nothing came free", () => {
    const one = pool("v4", ["192.0.2.0"]);
    const allocator = allocatorWith(one);
    given(allocator, demand("a"));
    configure(allocator, occupied(one, "192.0.2.0"));
    expect(allocator.assign(demand("a"), NOW).refusal?.code).toBe("AddressOccupied");
    allocator.configure([one]);
    expect(allocator.takeWoken(NOW)).toEqual(["a"]);
    expect(allocator.assign(demand("a"), NOW)).toMatchObject({ change: "Kept", refusal: null });
  });
});

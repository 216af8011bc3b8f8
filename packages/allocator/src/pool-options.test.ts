import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { allocatorWith, demand, given, ip, NOW, pool, range } from "./allocation.test.fixture.ts";
import { Allocator, type Pool } from "./index.ts";

const RANGE = ["192.0.2.1-192.0.2.3"];
const demandFor = (service: string, over: Parameters<typeof demand>[1] = {}): ReturnType<typeof demand> =>
  demand(service, { pools: ["p"], ...over });
const allocatorOf = (options: Partial<Pool>): Allocator => allocatorWith(pool("p", RANGE, options));

describe("excluded addresses", () => {
  it("are never assigned, and a service that holds one is moved", () => {
    const allocator = allocatorOf({});
    expect(given(allocator, demandFor("a"))).toEqual(["192.0.2.1"]);
    expect(allocator.configure([pool("p", RANGE, { excluded: [range("192.0.2.1-192.0.2.2")] })]).displaced).toEqual([
      "a",
    ]);
    expect(allocator.assign(demandFor("a"), NOW)).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.3"] },
      removalReason: { code: "AddressExcluded", address: "192.0.2.1", pool: "p" },
    });
    expect(allocator.assign(demandFor("b"), NOW).refusal).toMatchObject({ tried: [{ code: "Exhausted" }] });
  });
});

describe("reserved addresses", () => {
  const options: Partial<Pool> = { reservations: [{ service: "vip", addresses: [ip("192.0.2.1"), ip("192.0.2.9")] }] };

  it("are assigned only to their service", () => {
    const allocator = allocatorOf(options);
    expect(given(allocator, demandFor("a"))).toEqual(["192.0.2.2"]);
    expect(allocator.assign(demandFor("b", { requested: [ip("192.0.2.1")] }), NOW).refusal).toEqual({
      code: "AddressReserved",
      address: "192.0.2.1",
      pool: "p",
      for: "vip",
    });
    expect(given(allocator, demandFor("b"))).toEqual(["192.0.2.3"]);
    expect(allocator.assign(demandFor("c"), NOW).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "p", family: "IPv4", code: "Reserved" }],
    });
    expect(given(allocator, demandFor("vip"))).toEqual(["192.0.2.1"]);
    allocator.release("vip", NOW);
    expect(allocator.takeWoken(NOW)).toEqual([]);
  });

  it("come before other pools, also where the service gets nothing unless it requests it", () => {
    const allocator = allocatorWith(pool("first", ["198.51.100.1"]), pool("p", RANGE, options));
    const over = { pools: ["first"], permitted: ["first", "p"] };
    expect(given(allocator, demandFor("vip", over))).toEqual(["192.0.2.1"]);
    expect(given(allocator, demandFor("other", over))).toEqual(["198.51.100.1"]);
  });

  it("move no service that holds one already; their service is woken when they come free", () => {
    const allocator = allocatorOf({});
    for (const service of ["a", "b", "c"]) allocator.assign(demandFor(service), NOW);
    allocator.configure([pool("p", RANGE, options)]);
    expect(allocator.assign(demandFor("a"), NOW).change).toBe("Kept");
    expect(allocator.assign(demandFor("vip"), NOW).assignment).toBeNull();
    expect(allocator.assign(demandFor("d"), NOW).assignment).toBeNull();
    allocator.release("a", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["vip"]);
    expect(given(allocator, demandFor("vip"))).toEqual(["192.0.2.1"]);
  });
});

describe("least recently used order", () => {
  it("assigns first what was never assigned, then what was released longest ago", () => {
    const allocator = allocatorOf({ order: "LeastRecentlyUsed" });
    for (const [at, service] of ["a", "b"].entries()) {
      expect(given(allocator, demandFor(service))).toEqual([`192.0.2.${at + 1}`]);
      allocator.release(service, instant(at));
    }
    expect(given(allocator, demandFor("c"))).toEqual(["192.0.2.3"]);
    expect(given(allocator, demandFor("d"))).toEqual(["192.0.2.1"]);
    allocator.release("c", instant(5));
    expect(given(allocator, demandFor("e"), instant(5))).toEqual(["192.0.2.2"]);
    expect(given(allocator, demandFor("f"), instant(5))).toEqual(["192.0.2.3"]);
  });

  it("goes on after a restart where it was", () => {
    const allocator = allocatorOf({ order: "LeastRecentlyUsed" });
    for (const service of ["a", "b"]) allocator.assign(demandFor(service), NOW);
    allocator.release("b", instant(1));
    allocator.release("a", instant(2));
    const next = allocatorOf({ order: "LeastRecentlyUsed" });
    next.restoreReleases(allocator.releases());
    expect(next.releases()).toEqual(allocator.releases());
    expect(["x", "y", "z"].flatMap((service) => given(next, demandFor(service)))).toEqual([
      "192.0.2.3",
      "192.0.2.2",
      "192.0.2.1",
    ]);
  });
});

describe("cool-down", () => {
  const cool = { coolDown: 1_000 };

  it("keeps an address from every service but the one that released it, until it is over", () => {
    const allocator = allocatorOf(cool);
    for (const service of ["a", "b", "c"]) allocator.assign(demandFor(service), NOW);
    allocator.release("b", instant(100));
    expect(allocator.assign(demandFor("d"), instant(200)).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "p", family: "IPv4", code: "CoolingDown", until: 1_100 }],
    });
    expect(allocator.assign(demandFor("e", { requested: [ip("192.0.2.2")] }), instant(200)).refusal).toEqual({
      code: "AddressCoolingDown",
      address: "192.0.2.2",
      pool: "p",
      lastHolder: "b",
      until: 1_100,
    });
    expect(allocator.nextDeadline()).toBe(1_100);
    expect(allocator.takeWoken(instant(1_099))).toEqual([]);
    expect(allocator.explain(demandFor("b"), instant(1_099)).outcome.assignment?.addresses).toEqual(["192.0.2.2"]);
    expect(allocator.takeWoken(instant(1_100))).toEqual(["d", "e"]);
    expect(given(allocator, demandFor("d"), instant(1_100))).toEqual(["192.0.2.2"]);
    expect(allocator.nextDeadline()).toBeNull();
  });

  it("wakes a service that waits for an address when it has cooled down, not when it is released", () => {
    const allocator = allocatorOf(cool);
    allocator.assign(demandFor("a"), NOW);
    const named = demandFor("b", { requested: [ip("192.0.2.1")] });
    allocator.assign(named, NOW);
    expect(allocator.nextDeadline()).toBeNull();
    allocator.release("a", instant(1));
    expect(allocator.takeWoken(instant(1))).toEqual([]);
    expect(allocator.nextDeadline()).toBe(1_001);
    expect(allocator.takeWoken(instant(1_001))).toEqual(["b"]);
    expect(given(allocator, named, instant(1_001))).toEqual(["192.0.2.1"]);
  });

  it("lasts to the millisecond for restored releases", () => {
    const allocator = allocatorOf(cool);
    allocator.assign(demandFor("a", { requested: [ip("192.0.2.3")] }), instant(998));
    allocator.restoreReleases([{ address: ip("192.0.2.1"), service: "b", at: instant(0) }]);
    expect(given(allocator, demandFor("c"), instant(999))).toEqual(["192.0.2.2"]);
    expect(given(allocator, demandFor("d"), instant(1_000))).toEqual(["192.0.2.1"]);
  });

  it("lets a record be adopted all the same, and goes on after a restart", () => {
    const allocator = allocatorOf(cool);
    allocator.restoreReleases([
      { address: ip("192.0.2.1"), service: "a", at: instant(0) },
      { address: ip("192.0.2.2"), service: "a", at: instant(0) },
      { address: ip("203.0.113.1"), service: "a", at: instant(0) },
    ]);
    expect(allocator.adopt(demandFor("b", { recorded: [ip("192.0.2.1")] }), instant(1)).assignment?.addresses).toEqual([
      "192.0.2.1",
    ]);
    expect(given(allocator, demandFor("c"), instant(1))).toEqual(["192.0.2.3"]);
    expect(allocator.releases()).toEqual([{ address: "192.0.2.2", service: "a", at: 0 }]);
  });

  it("ends when the pool has no cool-down any more", () => {
    const allocator = allocatorOf(cool);
    for (const service of ["a", "b", "c"]) allocator.assign(demandFor(service), NOW);
    allocator.release("a", NOW);
    allocator.assign(demandFor("d"), NOW);
    allocator.configure([pool("p", RANGE)]);
    expect(allocator.takeWoken(NOW)).toEqual(["d"]);
    expect(given(allocator, demandFor("d"))).toEqual(["192.0.2.1"]);
    expect(allocator.releases()).toEqual([]);
  });
});

describe("stickiness", () => {
  it("assigns a service the addresses that it released while they are free", () => {
    const allocator = allocatorOf({ sticky: true });
    for (const service of ["a", "b"]) allocator.assign(demandFor(service), NOW);
    for (const service of ["a", "b"]) allocator.release(service, NOW);
    expect(given(allocator, demandFor("b"))).toEqual(["192.0.2.2"]);
    expect(given(allocator, demandFor("other"))).toEqual(["192.0.2.1"]);
    expect(given(allocator, demandFor("a"))).toEqual(["192.0.2.3"]);
  });

  it("comes before the order of pools", () => {
    const allocator = allocatorWith(pool("first", ["198.51.100.1"]), pool("p", RANGE, { sticky: true }));
    const over = { pools: ["first", "p"] };
    allocator.assign(demandFor("other", over), NOW);
    expect(given(allocator, demandFor("svc", over))).toEqual(["192.0.2.1"]);
    for (const service of ["other", "svc"]) allocator.release(service, NOW);
    expect(given(allocator, demandFor("svc", over))).toEqual(["192.0.2.1"]);
  });

  it("keeps a bounded number of releases, the newest", () => {
    const allocator = allocatorWith(pool("wide", ["10.0.0.0-10.255.255.255"], { sticky: true }));
    const wide = (index: number): ReturnType<typeof demand> => demandFor(`s${index}`, { pools: ["wide"] });
    for (let index = 0; index < 65_540; index++) allocator.assign(wide(index), NOW);
    for (let index = 0; index < 65_540; index++) allocator.release(`s${index}`, instant(index));
    const releases = allocator.releases();
    expect([releases.length, releases[0]?.service]).toEqual([65_536, "s4"]);
    expect(given(allocator, wide(65_539), instant(70_000))).toEqual(["10.1.0.3"]);
  });
});

describe("pools of one rank", () => {
  it("are tried by the largest free share, and by their order among equals", () => {
    const allocator = allocatorWith(
      pool("small", ["192.0.2.1-192.0.2.2"]),
      pool("large", ["198.51.100.1-198.51.100.4"]),
      pool("last", ["203.0.113.1"]),
    );
    const over = { pools: [["small", "large"], "last"] };
    const order = [..."abcdefgh"].map((service) => allocator.assign(demandFor(service, over), NOW).assignment?.pool);
    expect(order).toEqual(["small", "large", "large", "small", "large", "large", "last", undefined]);
  });
});

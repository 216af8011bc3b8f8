import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { allocatorWith, demand, given, ip, NOW, pool, range } from "./allocation.test.fixture.ts";
import { Allocator, type Pool } from "./index.ts";

const RANGE = ["192.0.2.1-192.0.2.3"];
const wish = (service: string, over: Parameters<typeof demand>[1] = {}): ReturnType<typeof demand> =>
  demand(service, { pools: ["p"], ...over });
const allocator = (options: Partial<Pool>): Allocator => allocatorWith(pool("p", RANGE, options));

describe("excluded addresses", () => {
  it("are never given, and who holds one is moved", () => {
    const book = allocator({});
    expect(given(book, wish("a"))).toEqual(["192.0.2.1"]);
    expect(book.configure([pool("p", RANGE, { excluded: [range("192.0.2.1-192.0.2.2")] })]).displaced).toEqual(["a"]);
    expect(book.assign(wish("a"), NOW)).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.3"] },
      removalReason: { code: "AddressExcluded", address: "192.0.2.1", pool: "p" },
    });
    expect(book.assign(wish("b"), NOW).refusal).toMatchObject({ tried: [{ code: "Exhausted" }] });
  });
});

describe("reserved addresses", () => {
  const options: Partial<Pool> = { reservations: [{ service: "vip", addresses: [ip("192.0.2.1"), ip("192.0.2.9")] }] };

  it("go to nobody but the service they are kept for", () => {
    const book = allocator(options);
    expect(given(book, wish("a"))).toEqual(["192.0.2.2"]);
    expect(book.assign(wish("b", { requested: [ip("192.0.2.1")] }), NOW).refusal).toEqual({
      code: "AddressReserved",
      address: "192.0.2.1",
      pool: "p",
      for: "vip",
    });
    expect(given(book, wish("b"))).toEqual(["192.0.2.3"]);
    expect(book.assign(wish("c"), NOW).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "p", family: "IPv4", code: "Reserved" }],
    });
    expect(given(book, wish("vip"))).toEqual(["192.0.2.1"]);
    book.release("vip", NOW);
    expect(book.takeWoken(NOW)).toEqual([]);
  });

  it("come before other pools, also where the service is given nothing unasked", () => {
    const book = allocatorWith(pool("first", ["198.51.100.1"]), pool("p", RANGE, options));
    const over = { pools: ["first"], permitted: ["first", "p"] };
    expect(given(book, wish("vip", over))).toEqual(["192.0.2.1"]);
    expect(given(book, wish("other", over))).toEqual(["198.51.100.1"]);
  });

  it("move nobody who is there already; the service they are kept for is woken when they come free", () => {
    const book = allocator({});
    for (const service of ["a", "b", "c"]) book.assign(wish(service), NOW);
    book.configure([pool("p", RANGE, options)]);
    expect(book.assign(wish("a"), NOW).change).toBe("Kept");
    expect(book.assign(wish("vip"), NOW).assignment).toBeNull();
    expect(book.assign(wish("d"), NOW).assignment).toBeNull();
    book.release("a", NOW);
    expect(book.takeWoken(NOW)).toEqual(["vip"]);
    expect(given(book, wish("vip"))).toEqual(["192.0.2.1"]);
  });
});

describe("least recently used order", () => {
  it("gives what was never given first, and then what was given back longest ago", () => {
    const book = allocator({ order: "LeastRecentlyUsed" });
    for (const [at, service] of ["a", "b"].entries()) {
      expect(given(book, wish(service))).toEqual([`192.0.2.${at + 1}`]);
      book.release(service, instant(at));
    }
    expect(given(book, wish("c"))).toEqual(["192.0.2.3"]);
    expect(given(book, wish("d"))).toEqual(["192.0.2.1"]);
    book.release("c", instant(5));
    expect(given(book, wish("e"), instant(5))).toEqual(["192.0.2.2"]);
    expect(given(book, wish("f"), instant(5))).toEqual(["192.0.2.3"]);
  });

  it("goes on after a restart where it was", () => {
    const book = allocator({ order: "LeastRecentlyUsed" });
    for (const service of ["a", "b"]) book.assign(wish(service), NOW);
    book.release("b", instant(1));
    book.release("a", instant(2));
    const next = allocator({ order: "LeastRecentlyUsed" });
    next.restoreReleases(book.releases());
    expect(next.releases()).toEqual(book.releases());
    expect(["x", "y", "z"].flatMap((service) => given(next, wish(service)))).toEqual([
      "192.0.2.3",
      "192.0.2.2",
      "192.0.2.1",
    ]);
  });
});

describe("cool-down", () => {
  const cool = { coolDown: 1_000 };

  it("keeps an address from everybody but who had it, until it is over", () => {
    const book = allocator(cool);
    for (const service of ["a", "b", "c"]) book.assign(wish(service), NOW);
    book.release("b", instant(100));
    expect(book.assign(wish("d"), instant(200)).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "p", family: "IPv4", code: "CoolingDown", until: 1_100 }],
    });
    expect(book.assign(wish("e", { requested: [ip("192.0.2.2")] }), instant(200)).refusal).toEqual({
      code: "AddressCoolingDown",
      address: "192.0.2.2",
      pool: "p",
      lastHolder: "b",
      until: 1_100,
    });
    expect(book.nextDeadline()).toBe(1_100);
    expect(book.takeWoken(instant(1_099))).toEqual([]);
    expect(book.explain(wish("b"), instant(1_099)).outcome.assignment?.addresses).toEqual(["192.0.2.2"]);
    expect(book.takeWoken(instant(1_100))).toEqual(["d", "e"]);
    expect(given(book, wish("d"), instant(1_100))).toEqual(["192.0.2.2"]);
    expect(book.nextDeadline()).toBeNull();
  });

  it("wakes who waits for an address not when it is given back, but when it has cooled down", () => {
    const book = allocator(cool);
    book.assign(wish("a"), NOW);
    const named = wish("b", { requested: [ip("192.0.2.1")] });
    book.assign(named, NOW);
    expect(book.nextDeadline()).toBeNull();
    book.release("a", instant(1));
    expect(book.takeWoken(instant(1))).toEqual([]);
    expect(book.nextDeadline()).toBe(1_001);
    expect(book.takeWoken(instant(1_001))).toEqual(["b"]);
    expect(given(book, named, instant(1_001))).toEqual(["192.0.2.1"]);
  });

  it("lasts to the millisecond for what is remembered", () => {
    const book = allocator(cool);
    book.assign(wish("a", { requested: [ip("192.0.2.3")] }), instant(998));
    book.restoreReleases([{ address: ip("192.0.2.1"), service: "b", at: instant(0) }]);
    expect(given(book, wish("c"), instant(999))).toEqual(["192.0.2.2"]);
    expect(given(book, wish("d"), instant(1_000))).toEqual(["192.0.2.1"]);
  });

  it("lets a record be adopted all the same, and goes on after a restart", () => {
    const book = allocator(cool);
    book.restoreReleases([
      { address: ip("192.0.2.1"), service: "a", at: instant(0) },
      { address: ip("192.0.2.2"), service: "a", at: instant(0) },
      { address: ip("203.0.113.1"), service: "a", at: instant(0) },
    ]);
    expect(book.adopt(wish("b", { recorded: [ip("192.0.2.1")] }), instant(1)).assignment?.addresses).toEqual([
      "192.0.2.1",
    ]);
    expect(given(book, wish("c"), instant(1))).toEqual(["192.0.2.3"]);
    expect(book.releases()).toEqual([{ address: "192.0.2.2", service: "a", at: 0 }]);
  });

  it("ends when the pool has none any more", () => {
    const book = allocator(cool);
    for (const service of ["a", "b", "c"]) book.assign(wish(service), NOW);
    book.release("a", NOW);
    book.assign(wish("d"), NOW);
    book.configure([pool("p", RANGE)]);
    expect(book.takeWoken(NOW)).toEqual(["d"]);
    expect(given(book, wish("d"))).toEqual(["192.0.2.1"]);
    expect(book.releases()).toEqual([]);
  });
});

describe("stickiness", () => {
  it("gives a service its addresses back as long as they are free", () => {
    const book = allocator({ sticky: true });
    for (const service of ["a", "b"]) book.assign(wish(service), NOW);
    for (const service of ["a", "b"]) book.release(service, NOW);
    expect(given(book, wish("b"))).toEqual(["192.0.2.2"]);
    expect(given(book, wish("other"))).toEqual(["192.0.2.1"]);
    expect(given(book, wish("a"))).toEqual(["192.0.2.3"]);
  });

  it("comes before the order of pools", () => {
    const book = allocatorWith(pool("first", ["198.51.100.1"]), pool("p", RANGE, { sticky: true }));
    const over = { pools: ["first", "p"] };
    book.assign(wish("other", over), NOW);
    expect(given(book, wish("svc", over))).toEqual(["192.0.2.1"]);
    for (const service of ["other", "svc"]) book.release(service, NOW);
    expect(given(book, wish("svc", over))).toEqual(["192.0.2.1"]);
  });

  it("remembers a bounded number of partings, the newest", () => {
    const book = allocatorWith(pool("wide", ["10.0.0.0-10.255.255.255"], { sticky: true }));
    const wide = (index: number): ReturnType<typeof demand> => wish(`s${index}`, { pools: ["wide"] });
    for (let index = 0; index < 65_540; index++) book.assign(wide(index), NOW);
    for (let index = 0; index < 65_540; index++) book.release(`s${index}`, instant(index));
    const partings = book.releases();
    expect([partings.length, partings[0]?.service]).toEqual([65_536, "s4"]);
    expect(given(book, wide(65_539), instant(70_000))).toEqual(["10.1.0.3"]);
  });
});

describe("pools of one rank", () => {
  it("are taken by the largest free part, and by their order among equals", () => {
    const book = allocatorWith(
      pool("small", ["192.0.2.1-192.0.2.2"]),
      pool("large", ["198.51.100.1-198.51.100.4"]),
      pool("last", ["203.0.113.1"]),
    );
    const over = { pools: [["small", "large"], "last"] };
    const order = [..."abcdefgh"].map((service) => book.assign(wish(service, over), NOW).assignment?.pool);
    expect(order).toEqual(["small", "large", "large", "small", "large", "large", "last", undefined]);
  });
});

import { describe, expect, it } from "vitest";
import { both, demand, DUAL, given, ip, NOW, pool, V4 } from "./allocation.test.fixture.ts";
import { Allocator, type Pool } from "./index.ts";

function allocatorOf(quota: number | null, options: Partial<Pool> = {}): Allocator {
  const allocator = new Allocator();
  allocator.configure([{ ...V4, ...options }], new Map(quota === null ? [] : [["x", quota]]));
  return allocator;
}
const demandFor = (service: string, over: Parameters<typeof demand>[1] = {}): ReturnType<typeof demand> =>
  demand(service, { account: "x", ...over });
const udp = [{ protocol: "UDP" as const, port: 80 }];

describe("quotas", () => {
  it("limit what the services of an account hold in all pools together", () => {
    const allocator = allocatorOf(1);
    expect(given(allocator, demandFor("a"))).toEqual(["192.0.2.0"]);
    const refusal = { code: "QuotaReached", account: "x", pool: null, limit: 1 };
    expect(allocator.assign(demandFor("b"), NOW).refusal).toEqual(refusal);
    expect(allocator.assign(demandFor("c", { requested: [ip("192.0.2.2")] }), NOW).refusal).toEqual(refusal);
    expect(given(allocator, demandFor("d", { account: "y" }))).toEqual(["192.0.2.1"]);
    allocator.release("a", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["b"]);
  });

  it("limit what they hold of one pool", () => {
    const allocator = allocatorOf(null, { maxPerAccount: 1 });
    allocator.assign(demandFor("a"), NOW);
    expect(allocator.assign(demandFor("b"), NOW).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "v4", family: "IPv4", code: "QuotaReached", account: "x", limit: 1 }],
    });
    expect(allocator.assign(demandFor("b", { requested: [ip("192.0.2.2")] }), NOW).refusal).toEqual({
      code: "QuotaReached",
      account: "x",
      pool: "v4",
      limit: 1,
    });
  });

  it("count an address once that two services of the account share", () => {
    const allocator = allocatorOf(1);
    allocator.assign(demandFor("a", { sharingKey: "key" }), NOW);
    expect(given(allocator, demandFor("b", { sharingKey: "key", ports: udp }))).toEqual(["192.0.2.0"]);
    expect(allocator.assign(demandFor("c"), NOW).refusal?.code).toBe("QuotaReached");
    allocator.release("a", NOW);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.release("b", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["c"]);
  });

  it("take nothing away, and let a service change its address or move out of a pool that shrank", () => {
    const allocator = allocatorOf(null);
    for (const service of ["a", "b"]) allocator.assign(demandFor(service), NOW);
    allocator.configure([V4], new Map([["x", 1]]));
    expect(allocator.assign(demandFor("a"), NOW)).toMatchObject({ change: "Kept", refusal: null });
    expect(given(allocator, demandFor("a", { requested: [ip("192.0.2.3")] }))).toEqual(["192.0.2.3"]);
    expect(allocator.configure([pool("v4", ["192.0.2.2-192.0.2.3"])], new Map([["x", 1]])).displaced).toEqual(["b"]);
    expect(given(allocator, demandFor("b"))).toEqual(["192.0.2.2"]);
  });

  it("let a service that only records an address give it up for the one that it requests, as one that holds it may", () => {
    const allocator = allocatorOf(0);
    const recorded = [ip("192.0.2.0")];
    const requested = [ip("192.0.2.3")];
    expect(given(allocator, demandFor("a", { recorded, requested }))).toEqual(["192.0.2.3"]);
    expect(given(allocator, demandFor("b", { recorded }))).toEqual(["192.0.2.0"]);
    expect(given(allocator, demandFor("b", { requested: [ip("192.0.2.1")] }))).toEqual(["192.0.2.1"]);
    expect(allocator.assign(demandFor("c", { requested: [ip("192.0.2.2")] }), NOW).refusal?.code).toBe("QuotaReached");
  });

  it("leave the quota to a family when the pool does not have all of another", () => {
    const dual = pool("dual", ["192.0.2.1-192.0.2.2", "2001:db8::1"], { maxPerAccount: 2 });
    const allocator = new Allocator();
    allocator.configure([dual]);
    const families = { type: "PreferBoth", primary: "IPv6" } as const;
    expect(given(allocator, demandFor("a", { families, perFamily: 2, pools: ["dual"] }))).toEqual([
      "192.0.2.1",
      "192.0.2.2",
    ]);
  });

  it("apply as soon as they are set, also where the pools stay the same, and tell who is concerned", () => {
    const allocator = allocatorOf(null);
    given(allocator, demandFor("a"));
    expect(allocator.configure([V4], new Map([["x", 1]]))).toMatchObject({ displaced: [], outdated: [] });
    expect(allocator.assign(demandFor("b"), NOW).refusal?.code).toBe("QuotaReached");
    expect(allocator.configure([V4], new Map([["y", 1]])).outdated).toEqual(["b"]);
    expect(allocator.takeWoken(NOW)).toEqual(["b"]);
    expect(given(allocator, demandFor("b"))).toEqual(["192.0.2.1"]);
  });

  it("let requested addresses take the place of those that are only kept beside them, the highest first", () => {
    const allocator = new Allocator();
    allocator.configure([DUAL], new Map([["x", 3]]));
    const dual = { families: both, pools: ["dual"] };
    given(allocator, demandFor("a", dual));
    const requested = [ip("198.51.100.2"), ip("2001:db8:1::2")];
    const { assignment, refusal } = allocator.assign(demandFor("a", { ...dual, perFamily: 2, requested }), NOW);
    expect(assignment?.addresses).toEqual(["198.51.100.0", "198.51.100.2", "2001:db8:1::2"]);
    expect(refusal?.code).toBe("QuotaReached");
  });

  it("do not refuse recorded addresses", () => {
    const allocator = allocatorOf(0);
    expect(allocator.adopt(demandFor("a", { recorded: [ip("192.0.2.1")] })).assignment?.addresses).toEqual([
      "192.0.2.1",
    ]);
    expect(given(allocator, demandFor("b", { recorded: [ip("192.0.2.2")] }))).toEqual(["192.0.2.2"]);
  });

  it("wake as many as a raised limit leaves room for", () => {
    const allocator = allocatorOf(0);
    for (const service of ["a", "b", "c"]) allocator.assign(demandFor(service), NOW);
    allocator.configure([V4], new Map([["x", 2]]));
    expect(allocator.takeWoken(NOW)).toEqual(["a", "b"]);
    expect(given(allocator, demandFor("a"))).toHaveLength(1);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.release("b", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["c"]);
  });
});

import { describe, expect, it } from "vitest";
import { allocatorWith, demand, given, ip, NOW, pool, prefer, V4 } from "./allocation.test.fixture.ts";
import type { Allocator } from "./index.ts";

const names = (count: number, prefix = "w"): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** Fills the pool `v4` and lets `waiting` services wait for it. */
function full(waiting: number): Allocator {
  const allocator = allocatorWith(V4);
  for (const service of [...names(4, "h"), ...names(waiting)]) allocator.assign(demand(service), NOW);
  return allocator;
}

describe("takeWoken", () => {
  it("wakes the longest waiting services, and no more than addresses came free", () => {
    const allocator = full(10);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    for (const service of ["h0", "h2"]) allocator.release(service, NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w0", "w1"]);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    for (const service of ["w0", "w1"]) expect(given(allocator, demand(service))).toHaveLength(1);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.release("h1", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w2"]);
  });

  it("wakes the next when one that was woken cannot use it, or is gone", () => {
    const allocator = full(4);
    allocator.assign(demand("w0", { perFamily: 2 }), NOW);
    allocator.release("h0", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w0"]);
    allocator.assign(demand("w0", { perFamily: 2 }), NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w1"]);
    allocator.release("w1", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w2"]);
    expect(given(allocator, demand("w2"))).toEqual(["192.0.2.0"]);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.release("h1", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["w0"]);
  });

  it("wakes as many as a pool grew by, and none that waits for another pool", () => {
    const allocator = full(10);
    allocator.configure([V4, pool("other", ["203.0.113.0-203.0.113.9"])]);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.configure([pool("v4", ["192.0.2.0-192.0.2.6"])]);
    expect(allocator.takeWoken(NOW)).toEqual(["w0", "w1", "w2"]);
  });

  it("wakes a service that waits for a pool that did not exist", () => {
    const allocator = allocatorWith();
    expect(allocator.assign(demand("svc"), NOW).refusal).toMatchObject({ tried: [{ code: "Unknown" }] });
    allocator.configure([V4]);
    expect(allocator.takeWoken(NOW)).toEqual(["svc"]);
  });

  it("wakes a service whose requested or reserved address a pool comes to have", () => {
    const allocator = allocatorWith(V4);
    const requested = demand("asks", { permitted: ["v4", "one"], requested: [ip("203.0.113.7")] });
    const without = demand("none", { pools: [], permitted: ["one"] });
    for (const each of [requested, without]) expect(allocator.assign(each, NOW).assignment).toBeNull();
    const reservations = [{ service: "none", addresses: [ip("203.0.113.8")] }];
    const one = pool("one", ["203.0.113.7-203.0.113.8"], { reservations });
    allocator.configure([V4, one]);
    expect(allocator.takeWoken(NOW)).toEqual(["asks", "none"]);
    expect(given(allocator, requested)).toEqual(["203.0.113.7"]);
    expect(given(allocator, without)).toEqual(["203.0.113.8"]);
  });

  it("wakes one for a requested address that came free, and the next when that one takes another", () => {
    const allocator = full(0);
    const wanted = { requested: [ip("192.0.2.1")] };
    for (const service of ["x", "y"]) allocator.assign(demand(service, wanted), NOW);
    allocator.release("h0", NOW);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.release("h1", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["x"]);
    expect(given(allocator, demand("x"))).toEqual(["192.0.2.0"]);
    expect(allocator.takeWoken(NOW)).toEqual(["y"]);
  });

  const shared = { pools: ["one"], sharingKey: "key" };
  const port = (
    ...ports: readonly number[]
  ): { readonly ports: readonly { readonly protocol: "TCP"; readonly port: number }[] } => ({
    ports: ports.map((each) => ({ protocol: "TCP", port: each })),
  });

  it.each([
    { name: "gives up a port", first: { ...shared, ...port(80, 443) }, later: { ...shared, ...port(80) } },
    {
      name: "takes the key of the others",
      first: { ...shared, sharingKey: null, ...port(80) },
      later: { ...shared, ...port(80) },
    },
    {
      name: "takes the backends of the others",
      first: { ...shared, backendKey: "a", ...port(80) },
      later: { ...shared, ...port(80) },
    },
  ])("wakes those who can join a holder that $name, for the pool or by name", ({ first, later }) => {
    const allocator = allocatorWith(pool("one", ["192.0.2.1"]));
    allocator.assign(demand("holder", first), NOW);
    allocator.assign(demand("any", { ...shared, ...port(443) }), NOW);
    allocator.assign(demand("named", { ...shared, ...port(443), requested: [ip("192.0.2.1")] }), NOW);
    allocator.assign(demand("unfit", { ...shared, ...port(80) }), NOW);
    allocator.assign(demand("alone", { pools: ["one"], ...port(443) }), NOW);
    expect(allocator.takeWoken(NOW)).toEqual([]);
    allocator.assign(demand("holder", later), NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["any", "named"]);
  });

  it("wakes the services that can join one that was woken", () => {
    const allocator = allocatorWith(pool("one", ["192.0.2.1"]));
    allocator.assign(demand("holder", { pools: ["one"] }), NOW);
    for (const [service, number] of [
      ["a", 80],
      ["b", 443],
    ] as const) {
      allocator.assign(demand(service, { ...shared, ...port(number) }), NOW);
    }
    allocator.release("holder", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["a"]);
    allocator.assign(demand("a", { ...shared, ...port(80) }), NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["b"]);
  });

  it("wakes a service that has one family and prefers both when the other comes free in its pool", () => {
    const allocator = allocatorWith(pool("p", ["192.0.2.1-192.0.2.2", "2001:db8::1"]));
    const wanted = { pools: ["p"], families: prefer };
    allocator.assign(demand("first", wanted), NOW);
    expect(allocator.assign(demand("svc", wanted), NOW)).toMatchObject({
      change: "Assigned",
      refusal: { code: "PoolsExhausted", tried: [{ pool: "p", family: "IPv6", code: "Exhausted" }] },
    });
    allocator.release("first", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["svc"]);
    expect(allocator.assign(demand("svc", wanted), NOW)).toMatchObject({ change: "Extended", refusal: null });
  });

  it("tells nobody who takes his wanted back by a record that is adopted or a release", () => {
    const allocator = full(2);
    allocator.adopt(demand("w0", { recorded: [ip("192.0.2.9")] }));
    allocator.release("w1", NOW);
    allocator.release("h0", NOW);
    expect(allocator.takeWoken(NOW)).toEqual([]);
  });
});

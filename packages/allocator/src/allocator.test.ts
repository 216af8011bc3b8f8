import { instant, type IpAddress, ipAddressToBigInt, parseIpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Allocator, type Demand, plan, type Pool } from "./index.ts";

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

function pool(name: string, ranges: readonly string[], avoidBuggyIPs = false): Pool {
  return {
    name,
    avoidBuggyIPs,
    ranges: ranges.map((range) => {
      const [first = "", last = first] = range.split("-");
      return { first: ip(first), last: ip(last) };
    }),
  };
}

const V4 = pool("v4", ["192.0.2.0-192.0.2.3"]);
const V6 = pool("v6", ["2001:db8::-2001:db8::3"]);
const DUAL = pool("dual", ["198.51.100.0-198.51.100.3", "2001:db8:1::-2001:db8:1::3"]);
const NOW = instant(0);
const POOLS = [V4, V6, DUAL];

function demand(service: string, over: Partial<Demand> = {}): Demand {
  return {
    service,
    families: { type: "All", families: ["IPv4"] },
    ports: [{ protocol: "TCP", port: 80 }],
    pools: ["v4"],
    permitted: POOLS.map(({ name }) => name),
    requested: [],
    recorded: [],
    sharingKey: null,
    backendKey: "",
    ...over,
  };
}

function allocatorWith(...pools: readonly Pool[]): Allocator {
  const allocator = new Allocator();
  allocator.configure(pools);
  return allocator;
}

const v4 = { type: "All", families: ["IPv4"] } as const;
const v6 = { type: "All", families: ["IPv6"] } as const;
const both = { type: "All", families: ["IPv4", "IPv6"] } as const;
const prefer = { type: "PreferBoth", primary: "IPv4" } as const;

describe("Allocator", () => {
  it("gives the lowest free address, the network address first", () => {
    const allocator = allocatorWith(V4);
    const given = ["a", "b", "c", "d"].map((name) => allocator.assign(demand(name), NOW).assignment?.addresses[0]);
    expect(given).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    expect(allocator.assign(demand("e"), NOW)).toEqual({
      assignment: null,
      change: "Pending",
      refusal: { code: "PoolsExhausted", tried: [{ pool: "v4", family: "IPv4", code: "Exhausted" }] },
      givenUp: null,
    });
    allocator.release("c", NOW);
    allocator.release("a", NOW);
    expect(allocator.assign(demand("e"), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.assign(demand("f"), NOW).assignment?.addresses).toEqual(["192.0.2.2"]);
  });

  it("takes the pools in the demand's order and a pool's ranges in the order written", () => {
    const backwards = pool("backwards", ["192.0.2.9", "192.0.2.8"]);
    const allocator = allocatorWith(V4, backwards);
    const wish = { pools: ["backwards", "v4"], permitted: ["backwards", "v4"] };
    const given = ["a", "b", "c"].map((name) => allocator.assign(demand(name, wish), NOW).assignment?.addresses[0]);
    expect(given).toEqual(["192.0.2.9", "192.0.2.8", "192.0.2.0"]);
  });

  it("never gives .0 and .255 of a pool that avoids them, not on request either", () => {
    const wide = pool("wide", ["192.0.2.254-192.0.3.1"], true);
    const allocator = allocatorWith(wide);
    const wish = { pools: ["wide"], permitted: ["wide"] };
    expect(allocator.usageOf("wide")?.IPv4).toEqual({ assigned: 0n, available: 2n });
    expect(allocator.assign(demand("a", wish), NOW).assignment?.addresses).toEqual(["192.0.2.254"]);
    expect(allocator.assign(demand("b", wish), NOW).assignment?.addresses).toEqual(["192.0.3.1"]);
    expect(allocator.assign(demand("c", wish), NOW).refusal?.code).toBe("PoolsExhausted");
    expect(allocator.assign(demand("c", { ...wish, requested: [ip("192.0.3.0")] }), NOW).refusal).toEqual({
      code: "AddressAvoided",
      address: "192.0.3.0",
      pool: "wide",
    });
  });

  it.each([
    { name: "outside every pool", over: { requested: [ip("203.0.113.9")] }, code: "AddressOutsidePools" },
    { name: "taken", over: { requested: [ip("192.0.2.0")] }, code: "AddressTaken" },
    { name: "of the wrong family", over: { requested: [ip("2001:db8::1")] }, code: "FamilyMismatch" },
    {
      name: "in a pool that is not for it",
      over: { requested: [ip("192.0.2.1")], permitted: ["v6"] },
      code: "AddressNotPermitted",
    },
    {
      name: "of two pools",
      over: { families: both, requested: [ip("192.0.2.1"), ip("2001:db8::1")] },
      code: "AddressesInSeveralPools",
    },
  ])("refuses a requested address $name and leaves what the service holds", ({ over, code }) => {
    const allocator = allocatorWith(...POOLS);
    allocator.assign(demand("first"), NOW);
    const held = allocator.assign(demand("svc", { families: over.families ?? v4, pools: ["dual"] }), NOW).assignment;
    const outcome = allocator.assign(
      demand("svc", {
        permitted: ["dual", ...(over.permitted ?? ["v4", "v6"])],
        ...over,
        ...(over.permitted ? { permitted: ["dual", ...over.permitted] } : {}),
      }),
      NOW,
    );
    expect(outcome.refusal?.code).toBe(code);
    expect(outcome.assignment).toEqual(held);
    expect(outcome.change).toBe("Kept");
  });

  it("moves to a requested address that is free, and gives the old one back", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    expect(allocator.assign(demand("a", { requested: [ip("192.0.2.2")] }), NOW).change).toBe("Assigned");
    expect(allocator.assign(demand("b"), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.assign(demand("a", { requested: [ip("192.0.2.2")] }), NOW).change).toBe("Kept");
  });

  it.each([
    { name: "another key", over: { sharingKey: "other" }, because: { code: "SharingKey", theirs: "key" } },
    { name: "no key", over: { sharingKey: null }, because: { code: "NotShared" } },
    {
      name: "other backends",
      over: { sharingKey: "key", backendKey: "app=b" },
      because: { code: "Backend", theirs: "" },
    },
    {
      name: "the same port",
      over: { sharingKey: "key", ports: [{ protocol: "TCP" as const, port: 80 }] },
      because: { code: "Port", port: { protocol: "TCP", port: 80 } },
    },
  ])("does not let a service with $name join a shared address", ({ over, because }) => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    const udp = [{ protocol: "UDP" as const, port: 80 }];
    const outcome = allocator.assign(demand("svc", { ports: udp, ...over, requested: [ip("192.0.2.0")] }), NOW);
    expect(outcome.refusal).toEqual({ code: "AddressTaken", address: "192.0.2.0", by: "first", because });
  });

  it("lets a service join a shared address that comes before the first free one, and counts it once", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    const joined = allocator.assign(
      demand("second", { sharingKey: "key", ports: [{ protocol: "UDP", port: 80 }] }),
      NOW,
    );
    expect(joined.assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.usageOf("v4")?.IPv4).toEqual({ assigned: 1n, available: 3n });
    allocator.release("first", NOW);
    expect(allocator.usageOf("v4")?.IPv4.assigned).toBe(1n);
    expect(allocator.holdersOf(ip("192.0.2.0"))).toEqual(["second"]);
    allocator.release("second", NOW);
    expect(allocator.assign(demand("third"), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
  });

  it("moves a sharer whose key no longer agrees, and lets the only holder change its key in place", () => {
    const allocator = allocatorWith(V4);
    const udp = [{ protocol: "UDP" as const, port: 80 }];
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    allocator.assign(demand("second", { sharingKey: "key", ports: udp }), NOW);
    const moved = allocator.assign(demand("second", { sharingKey: "new", ports: udp }), NOW);
    expect(moved).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.1"] },
      givenUp: { code: "AddressTaken" },
    });
    expect(allocator.assign(demand("first", { sharingKey: "new" }), NOW).change).toBe("Kept");
  });

  it.each([
    { name: "both of one pool", families: both, pools: ["v4", "dual"], addresses: ["198.51.100.0", "2001:db8:1::"] },
    {
      name: "both preferred, a pool with both",
      families: prefer,
      pools: ["v4", "dual"],
      addresses: ["198.51.100.0", "2001:db8:1::"],
    },
    { name: "both preferred, the primary only", families: prefer, pools: ["v6", "v4"], addresses: ["192.0.2.0"] },
    { name: "both preferred, the secondary only", families: prefer, pools: ["v6"], addresses: ["2001:db8::"] },
    { name: "IPv6 only", families: v6, pools: ["v4", "v6"], addresses: ["2001:db8::"] },
  ])("families: $name", ({ families, pools, addresses }) => {
    expect(allocatorWith(...POOLS).assign(demand("svc", { families, pools }), NOW).assignment?.addresses).toEqual(
      addresses,
    );
  });

  it("adds the second family from the same pool when one is there, and settles", () => {
    const allocator = allocatorWith(pool("p", ["192.0.2.0"]));
    const wish = demand("svc", { families: prefer, pools: ["p"], permitted: ["p"] });
    const first = allocator.assign(wish, NOW);
    expect(first).toMatchObject({ change: "Assigned", assignment: { addresses: ["192.0.2.0"] } });
    expect(allocator.assign(wish, NOW)).toMatchObject({ change: "Kept", refusal: { code: "PoolsExhausted" } });
    allocator.configure([pool("p", ["192.0.2.0", "2001:db8::"])]);
    expect(allocator.assign(wish, NOW)).toMatchObject({
      change: "Extended",
      assignment: { addresses: ["192.0.2.0", "2001:db8::"] },
    });
    expect(allocator.assign(wish, NOW)).toMatchObject({ change: "Kept", refusal: null });
  });

  it("drops a family that is no longer wanted and keeps the other", () => {
    const allocator = allocatorWith(DUAL);
    const over = { pools: ["dual"], permitted: ["dual"] };
    allocator.assign(demand("svc", { families: both, ...over }), NOW);
    expect(allocator.assign(demand("svc", over), NOW)).toMatchObject({
      change: "Reduced",
      assignment: { addresses: ["198.51.100.0"] },
    });
    expect(allocator.usageOf("dual")?.IPv6.assigned).toBe(0n);
  });

  it("keeps the half of a requested pair that is still legal when the pool loses the other", () => {
    const allocator = allocatorWith(DUAL);
    const over = { families: both, pools: ["dual"], permitted: ["dual"] };
    const requested = [ip("198.51.100.1"), ip("2001:db8:1::1")];
    allocator.assign(demand("svc", { ...over, requested }), NOW);
    allocator.configure([pool("dual", ["198.51.100.0-198.51.100.3"])]);
    expect(allocator.assign(demand("svc", { ...over, requested }), NOW)).toEqual({
      assignment: { pool: "dual", addresses: ["198.51.100.1"] },
      change: "Reduced",
      refusal: { code: "AddressOutsidePools", address: "2001:db8:1::1" },
      givenUp: { code: "AddressOutsidePools", address: "2001:db8:1::1" },
    });
  });

  it("tells who is displaced by new pools, and moves them on the next demand", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    allocator.assign(demand("b"), NOW);
    const shrunk = pool("v4", ["192.0.2.1-192.0.2.3"]);
    expect(allocator.configure([shrunk])).toEqual(["a"]);
    expect(allocator.assign(demand("a"), NOW)).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.2"] },
      givenUp: { code: "AddressOutsidePools", address: "192.0.2.0" },
    });
    expect(allocator.configure([])).toEqual(["a", "b"].toSorted());
    expect(allocator.assign(demand("b"), NOW)).toMatchObject({ change: "Released", assignment: null });
  });

  it("follows a pool that was renamed or split: the address stays", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("a"), NOW);
    const renamed = pool("renamed", ["192.0.2.0-192.0.2.3"]);
    expect(allocator.configure([renamed])).toEqual(["a"]);
    const wish = demand("a", { pools: ["renamed"], permitted: ["renamed"] });
    expect(allocator.assign(wish, NOW)).toMatchObject({
      change: "Kept",
      assignment: { pool: "renamed", addresses: ["192.0.2.0"] },
    });
  });

  it("adopts what is recorded, and only that", () => {
    const allocator = allocatorWith(V4);
    expect(allocator.adopt(demand("new"))).toMatchObject({ assignment: null, change: "Pending" });
    expect(allocator.adopt(demand("old", { recorded: [ip("192.0.2.0")] })).assignment?.addresses).toEqual([
      "192.0.2.0",
    ]);
    expect(allocator.adopt(demand("thief", { recorded: [ip("192.0.2.0")] })).refusal?.code).toBe("AddressTaken");
    expect(allocator.assign(demand("new"), NOW).assignment?.addresses).toEqual(["192.0.2.1"]);
  });

  it("counts a wide pool without overflow, whatever comes first", () => {
    const wide = pool("wide", ["2001:db8::-2001:db8::ffff:ffff:ffff:ffff", "192.0.2.0-192.0.2.255"]);
    expect(allocatorWith(wide).usageOf("wide")).toEqual({
      IPv4: { assigned: 0n, available: 256n },
      IPv6: { assigned: 0n, available: 1n << 64n },
    });
  });
});

/** What a service may hold, written again without any of the allocator's structures. */
function naiveLowest(
  pools: readonly Pool[],
  held: ReadonlyMap<string, readonly string[]>,
  wish: Demand,
): string | null {
  const used = new Set([...held.values()].flat());
  for (const name of wish.pools) {
    for (const range of pools.find((candidate) => candidate.name === name)?.ranges ?? []) {
      for (let value = ipAddressToBigInt(range.first); value <= ipAddressToBigInt(range.last); value++) {
        const text = `192.0.2.${Number(value & 0xffn)}`;
        if (!used.has(text)) return text;
      }
    }
  }
  return null;
}

describe("properties", () => {
  const service = fc.constantFrom(..."abcdefgh");
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant("assign" as const), service }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("release" as const), service }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("request" as const), service, last: fc.nat({ max: 12 }) }) },
  );
  const pools = [pool("low", ["192.0.2.0-192.0.2.2"]), pool("high", ["192.0.2.8-192.0.2.9", "192.0.2.5"])];
  const wish = (name: string, over: Partial<Demand> = {}): Demand =>
    demand(name, { pools: ["low", "high"], permitted: ["low", "high"], ...over });

  it("agrees with a naive model: lowest free, never twice, never outside", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const allocator = allocatorWith(...pools);
        const model = new Map<string, readonly string[]>();
        for (const step of actions) {
          if (step.type === "release") {
            allocator.release(step.service, NOW);
            model.delete(step.service);
          } else if (step.type === "assign") {
            const lowest = naiveLowest(pools, model, wish(step.service));
            allocator.assign(wish(step.service), NOW);
            if (!model.has(step.service) && lowest !== null) model.set(step.service, [lowest]);
          } else {
            const address = `192.0.2.${step.last}`;
            const inPool = [0, 1, 2, 5, 8, 9].includes(step.last);
            const taken = [...model].some(([other, held]) => other !== step.service && held.includes(address));
            allocator.assign(wish(step.service, { requested: [ip(address)] }), NOW);
            if (inPool && !taken) model.set(step.service, [address]);
          }
          const actual = new Map([...allocator.assignments].map(([key, value]) => [key, value.addresses]));
          expect(actual).toEqual(model);
          const used = BigInt([...model.values()].flat().length);
          const assigned = ["low", "high"].reduce(
            (sum, name) => sum + (allocator.usageOf(name)?.IPv4.assigned ?? 0n),
            0n,
          );
          expect(assigned).toBe(used);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("release then assign is the identity for lowest first", () => {
    fc.assert(
      fc.property(fc.uniqueArray(service, { minLength: 1 }), fc.nat(), (names, index) => {
        const allocator = allocatorWith(...pools);
        for (const name of names) allocator.assign(wish(name), NOW);
        const before = new Map(allocator.assignments);
        const chosen = names[index % names.length] as string;
        allocator.release(chosen, NOW);
        allocator.assign(wish(chosen), NOW);
        expect(new Map(allocator.assignments)).toEqual(before);
      }),
    );
  });

  it("a plan of what a plan recorded changes nothing, in whatever order it is read", () => {
    fc.assert(
      fc.property(fc.uniqueArray(service), fc.infiniteStream(fc.nat()), (names, shuffle) => {
        const first = plan(
          pools,
          names.map((name) => wish(name)),
        );
        const recorded = names
          .map((name) => ({
            order: shuffle.next().value as number,
            demand: wish(name, { recorded: first.assignments.get(name)?.addresses ?? [] }),
          }))
          .toSorted((a, b) => a.order - b.order)
          .map((entry) => entry.demand);
        expect(plan(pools, recorded).assignments).toEqual(first.assignments);
      }),
    );
  });

  it("who holds an address keeps it when others come and go", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const allocator = allocatorWith(...pools);
        const held = allocator.adopt(wish("held", { recorded: [ip("192.0.2.1")] })).assignment;
        for (const step of actions) {
          if (step.type === "release") allocator.release(step.service, NOW);
          else if (step.type === "assign") allocator.assign(wish(step.service), NOW);
          else allocator.assign(wish(step.service, { requested: [ip(`192.0.2.${step.last}`)] }), NOW);
        }
        expect(allocator.assign(wish("held"), NOW).assignment).toEqual(held);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demand, ip, NOW, pool } from "./allocation.test.fixture.ts";
import { Allocator, type Demand, plan } from "./index.ts";

const POOLS = [pool("low", ["192.0.2.0-192.0.2.2"]), pool("high", ["192.0.2.8-192.0.2.9", "192.0.2.5"])];
const wish = (name: string, over: Partial<Demand> = {}): Demand => demand(name, { pools: ["low", "high"], ...over });
const service = fc.constantFrom(..."abcdefgh");

describe("adopt", () => {
  it("adopts what is recorded, and only that", () => {
    const allocator = allocatorOf();
    expect(allocator.adopt(wish("new"))).toMatchObject({ assignment: null, change: "Pending" });
    expect(allocator.adopt(wish("old", { recorded: [ip("192.0.2.0")] })).assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.adopt(wish("thief", { recorded: [ip("192.0.2.0")] })).refusal?.code).toBe("AddressTaken");
    expect(allocator.assign(wish("new"), NOW).assignment?.addresses).toEqual(["192.0.2.1"]);
  });

  it("keeps no more of a record than is wanted, the lowest", () => {
    const recorded = [ip("192.0.2.2"), ip("192.0.2.1")];
    expect(allocatorOf().adopt(wish("old", { recorded })).assignment?.addresses).toEqual(["192.0.2.1"]);
    const both = allocatorOf().adopt(wish("old", { recorded, perFamily: 2 }));
    expect(both.assignment?.addresses).toEqual(["192.0.2.1", "192.0.2.2"]);
  });
});

describe("plan", () => {
  it("keeps to quotas", () => {
    const { assignments, refusals } = plan(
      POOLS,
      [wish("a", { account: "x" }), wish("b", { account: "x" })],
      new Map([["x", 1]]),
    );
    expect([...assignments.keys()]).toEqual(["a"]);
    expect(refusals.get("b")?.code).toBe("QuotaReached");
  });

  it("of what a plan recorded changes nothing, in whatever order it is read", () => {
    fc.assert(
      fc.property(fc.uniqueArray(service), fc.infiniteStream(fc.nat()), (names, shuffle) => {
        const first = plan(
          POOLS,
          names.map((name) => wish(name)),
        );
        const recorded = names
          .map((name) => ({
            order: shuffle.next().value as number,
            demand: wish(name, { recorded: first.assignments.get(name)?.addresses ?? [] }),
          }))
          .toSorted((a, b) => a.order - b.order)
          .map((entry) => entry.demand);
        expect(plan(POOLS, recorded).assignments).toEqual(first.assignments);
      }),
    );
  });
});

describe("order of events", () => {
  it("release then assign is the identity for lowest first, with and without cool-down", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(service, { minLength: 1 }),
        fc.nat(),
        fc.constantFrom(0, 10),
        (names, index, coolDown) => {
          const allocator = new Allocator();
          allocator.configure(POOLS.map((each) => ({ ...each, coolDown })));
          for (const name of names) allocator.assign(wish(name), NOW);
          const before = new Map(allocator.assignments);
          const chosen = names[index % names.length] as string;
          allocator.release(chosen, NOW);
          allocator.assign(wish(chosen), NOW);
          expect(new Map(allocator.assignments)).toEqual(before);
        },
      ),
    );
  });

  it("who holds an address keeps it when others come and go", () => {
    const event = fc.tuple(fc.constantFrom("assign", "release", "request"), service, fc.nat({ max: 12 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const allocator = allocatorOf();
        const held = allocator.adopt(wish("held", { recorded: [ip("192.0.2.1")] })).assignment;
        for (const [type, name, last] of events) {
          if (type === "release") allocator.release(name, NOW);
          else if (type === "assign") allocator.assign(wish(name), NOW);
          else allocator.assign(wish(name, { requested: [ip(`192.0.2.${last}`)] }), NOW);
        }
        expect(allocator.assign(wish("held"), NOW).assignment).toEqual(held);
      }),
    );
  });
});

function allocatorOf(): Allocator {
  const allocator = new Allocator();
  allocator.configure(POOLS);
  return allocator;
}

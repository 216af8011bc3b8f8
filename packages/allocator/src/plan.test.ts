import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demand, ip, NOW, pool } from "./allocation.test.fixture.ts";
import { Allocator, type Demand, plan } from "./index.ts";

const POOLS = [pool("low", ["192.0.2.0-192.0.2.2"]), pool("high", ["192.0.2.8-192.0.2.9", "192.0.2.5"])];
const demandFor = (name: string, over: Partial<Demand> = {}): Demand =>
  demand(name, { pools: ["low", "high"], ...over });
const service = fc.constantFrom(..."abcdefgh");

describe("adopt", () => {
  it("adopts what is recorded, and only that", () => {
    const allocator = allocatorOf();
    expect(allocator.adopt(demandFor("new"))).toMatchObject({ assignment: null, change: "Pending" });
    expect(allocator.adopt(demandFor("old", { recorded: [ip("192.0.2.0")] })).assignment?.addresses).toEqual([
      "192.0.2.0",
    ]);
    expect(allocator.adopt(demandFor("thief", { recorded: [ip("192.0.2.0")] })).refusal?.code).toBe("AddressTaken");
    expect(allocator.assign(demandFor("new"), NOW).assignment?.addresses).toEqual(["192.0.2.1"]);
  });

  it("keeps no more of a record than is wanted, the lowest", () => {
    const recorded = [ip("192.0.2.2"), ip("192.0.2.1")];
    expect(allocatorOf().adopt(demandFor("old", { recorded })).assignment?.addresses).toEqual(["192.0.2.1"]);
    const both = allocatorOf().adopt(demandFor("old", { recorded, perFamily: 2 }));
    expect(both.assignment?.addresses).toEqual(["192.0.2.1", "192.0.2.2"]);
  });
});

describe("plan", () => {
  it("keeps to quotas", () => {
    const { assignments, refusals } = plan(
      POOLS,
      [demandFor("a", { account: "x" }), demandFor("b", { account: "x" })],
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
          names.map((name) => demandFor(name)),
        );
        const recorded = names
          .map((name) => ({
            order: shuffle.next().value as number,
            demand: demandFor(name, { recorded: first.assignments.get(name)?.addresses ?? [] }),
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
          for (const name of names) allocator.assign(demandFor(name), NOW);
          const before = new Map(allocator.assignments);
          const chosen = names[index % names.length] as string;
          allocator.release(chosen, NOW);
          allocator.assign(demandFor(chosen), NOW);
          expect(new Map(allocator.assignments)).toEqual(before);
        },
      ),
    );
  });

  it("a holder keeps its address when others come and go", () => {
    const event = fc.tuple(fc.constantFrom("assign", "release", "request"), service, fc.nat({ max: 12 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const allocator = allocatorOf();
        const held = allocator.adopt(demandFor("held", { recorded: [ip("192.0.2.1")] })).assignment;
        for (const [type, name, last] of events) {
          if (type === "release") allocator.release(name, NOW);
          else if (type === "assign") allocator.assign(demandFor(name), NOW);
          else allocator.assign(demandFor(name, { requested: [ip(`192.0.2.${last}`)] }), NOW);
        }
        expect(allocator.assign(demandFor("held"), NOW).assignment).toEqual(held);
      }),
    );
  });
});

function allocatorOf(): Allocator {
  const allocator = new Allocator();
  allocator.configure(POOLS);
  return allocator;
}

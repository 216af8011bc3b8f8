import { describe, expect, it } from "vitest";
import { Allocator } from "./index.ts";
import { allocatorWith, both, demand, DUAL, ip, NOW, pool, V4 } from "./allocation.test.fixture.ts";

const ONE = pool("one", ["203.0.113.7-203.0.113.7"]);
/** A demand for pool `one` of a service that keeps its addresses of the other pools. */
const demandFor = (service: string, over = {}) =>
  demand(service, { pools: ["one"], permitted: ["one"], retainedPools: ["v4", "dual"], ...over });

describe("the retained pools of a demand", () => {
  function held(): Allocator {
    const allocator = allocatorWith(V4, DUAL, ONE);
    allocator.assign(demandFor("first"), NOW);
    allocator.assign(demand("svc"), NOW);
    return allocator;
  }

  it("stays while the pool asked for has nothing, and goes when it has", () => {
    const allocator = held();
    const kept = { pool: "v4", addresses: ["192.0.2.0"] };
    expect(allocator.explain(demandFor("svc"), NOW).outcome).toMatchObject({ assignment: kept, change: "Kept" });
    expect(allocator.assign(demandFor("svc"), NOW)).toEqual({
      assignment: kept,
      change: "Kept",
      refusal: { code: "PoolsExhausted", tried: [{ pool: "one", family: "IPv4", code: "Exhausted" }] },
      removalReason: null,
    });
    allocator.release("first", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["svc"]);
    expect(allocator.assign(demandFor("svc"), NOW)).toMatchObject({
      assignment: { pool: "one", addresses: ["203.0.113.7"] },
      change: "Assigned",
      refusal: null,
    });
    expect(allocator.holdersOf(ip("192.0.2.0"))).toEqual([]);
  });

  it("is nothing new, and nothing that is not legal", () => {
    const allocator = held();
    expect(allocator.assign(demandFor("new"), NOW).assignment).toBeNull();
    allocator.configure([DUAL, ONE]);
    expect(allocator.assign(demandFor("svc"), NOW)).toMatchObject({ assignment: null, change: "Released" });
  });

  it("is adopted, so that nobody else is given it meanwhile", () => {
    const allocator = allocatorWith(V4, ONE);
    allocator.assign(demandFor("first"), NOW);
    const recorded = [ip("192.0.2.0")];
    expect(allocator.adopt(demandFor("svc", { recorded })).assignment?.addresses).toEqual(recorded);
    expect(allocator.assign(demand("other"), NOW).assignment?.addresses).toEqual(["192.0.2.1"]);
    expect(allocator.assign(demandFor("svc", { recorded }), NOW).assignment?.addresses).toEqual(recorded);
  });

  it("stays beside a requested address that cannot be had, unless the demand would have none", () => {
    const allocator = held();
    const requested = [ip("203.0.113.7")];
    expect(allocator.assign(demandFor("svc", { requested }), NOW)).toMatchObject({
      assignment: { pool: "v4" },
      refusal: { code: "AddressTaken" },
    });
    allocator.release("first", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["svc"]);
    expect(allocator.assign(demandFor("svc", { requested }), NOW).assignment?.pool).toBe("one");
    allocator.assign(demand("strict"), NOW);
    const strict = demandFor("strict", { requested, ifImpossible: "Release" });
    expect(allocator.assign(strict, NOW)).toMatchObject({ assignment: null, change: "Released" });
  });

  it("keeps both families together", () => {
    const allocator = allocatorWith(DUAL, ONE);
    const dual = { families: both, pools: ["dual"] };
    const before = allocator.assign(demand("svc", dual), NOW).assignment;
    const after = allocator.assign(demandFor("svc", { families: both }), NOW);
    expect(after.assignment).toEqual(before);
    expect(after.refusal?.code).toBe("PoolsExhausted");
  });
});

import { describe, expect, it } from "vitest";
import { NOW, pool, demand, allocatorWith, given, V4, V6, DUAL, v6, both, prefer } from "./allocation.test.fixture.ts";

describe("families", () => {
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
    expect(allocatorWith(V4, V6, DUAL).assign(demand("svc", { families, pools }), NOW).assignment?.addresses).toEqual(
      addresses,
    );
  });

  it("adds the second family from the same pool when one is free", () => {
    const allocator = allocatorWith(pool("p", ["192.0.2.0"]));
    const wanted = demand("svc", { families: prefer, pools: ["p"], permitted: ["p"] });
    const first = allocator.assign(wanted, NOW);
    expect(first).toMatchObject({ change: "Assigned", assignment: { addresses: ["192.0.2.0"] } });
    expect(allocator.assign(wanted, NOW)).toMatchObject({ change: "Kept", refusal: { code: "PoolsExhausted" } });
    allocator.configure([pool("p", ["192.0.2.0", "2001:db8::"])]);
    expect(allocator.assign(wanted, NOW)).toMatchObject({
      change: "Extended",
      assignment: { addresses: ["192.0.2.0", "2001:db8::"] },
    });
    expect(allocator.assign(wanted, NOW)).toMatchObject({ change: "Kept", refusal: null });
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

  it("takes several addresses of each family, all of one pool", () => {
    const allocator = allocatorWith(V4, DUAL);
    const wanted = demand("svc", { families: both, perFamily: 2, pools: ["v4", "dual"] });
    expect(given(allocator, wanted)).toEqual(["198.51.100.0", "198.51.100.1", "2001:db8:1::", "2001:db8:1::1"]);
    expect(allocator.assign(wanted, NOW).change).toBe("Kept");
  });

  it("adds what is missing beside what is held, and gives the highest back when fewer are wanted", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("other"), NOW);
    allocator.assign(demand("svc"), NOW);
    allocator.release("other", NOW);
    const more = allocator.assign(demand("svc", { perFamily: 3 }), NOW);
    expect(more).toMatchObject({
      change: "Extended",
      assignment: { addresses: ["192.0.2.0", "192.0.2.1", "192.0.2.2"] },
    });
    const fewer = allocator.assign(demand("svc", { perFamily: 2 }), NOW);
    expect(fewer).toMatchObject({ change: "Reduced", assignment: { addresses: ["192.0.2.0", "192.0.2.1"] } });
  });

  it("keeps what it has when the pool cannot add to it, and never moves it for that", () => {
    const allocator = allocatorWith(pool("one", ["192.0.2.1"]), V4);
    const wanted = demand("svc", { pools: ["one", "v4"] });
    allocator.assign(wanted, NOW);
    expect(allocator.assign({ ...wanted, perFamily: 2 }, NOW)).toEqual({
      assignment: { pool: "one", addresses: ["192.0.2.1"] },
      change: "Kept",
      refusal: { code: "PoolsExhausted", tried: [{ pool: "one", family: "IPv4", code: "Exhausted" }] },
      removalReason: null,
    });
  });

  it("keeps the family that is still there when a pool of both loses the other's range, and finds it anew there", () => {
    const allocator = allocatorWith(DUAL);
    const wanted = demand("svc", { families: both, pools: ["dual"] });
    allocator.assign(wanted, NOW);
    allocator.configure([pool("dual", ["198.51.100.2-198.51.100.3", "2001:db8:1::-2001:db8:1::3"])]);
    expect(allocator.assign(wanted, NOW)).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["198.51.100.2", "2001:db8:1::"] },
      removalReason: { code: "AddressOutsidePools", address: "198.51.100.0" },
    });
  });
});

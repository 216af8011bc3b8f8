import { describe, expect, it } from "vitest";
import { NOW, ip, pool, demand, allocatorWith, given, V4, V6, DUAL, v4, both } from "./allocation.test.fixture.ts";

describe("requested addresses", () => {
  it.each([
    { name: "outside every pool", over: { requested: [ip("203.0.113.9")] }, code: "AddressOutsidePools" },
    { name: "taken", over: { requested: [ip("192.0.2.0")] }, code: "AddressTaken" },
    { name: "of the wrong family", over: { requested: [ip("2001:db8::1")] }, code: "FamilyMismatch" },
    {
      name: "in a pool that is not permitted",
      over: { requested: [ip("192.0.2.1")], permitted: ["v6"] },
      code: "AddressNotPermitted",
    },
    {
      name: "of two pools",
      over: { families: both, requested: [ip("192.0.2.1"), ip("2001:db8::1")] },
      code: "AddressesInSeveralPools",
    },
  ])("refuses a requested address $name and leaves what the service holds", ({ over, code }) => {
    const allocator = allocatorWith(V4, V6, DUAL);
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
      removalReason: { code: "AddressOutsidePools", address: "2001:db8:1::1" },
    });
  });

  it("leaves a service with none when the demand says so and the wanted cannot be met", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("first"), NOW);
    allocator.assign(demand("svc"), NOW);
    const wanted = demand("svc", { requested: [ip("192.0.2.0")], ifImpossible: "Release" });
    expect(allocator.assign(wanted, NOW)).toMatchObject({
      assignment: null,
      change: "Released",
      refusal: { code: "AddressTaken", by: "first" },
    });
    allocator.release("first", NOW);
    expect(allocator.takeWoken(NOW)).toEqual(["svc"]);
    expect(given(allocator, wanted)).toEqual(["192.0.2.0"]);
  });

  it("refuses addresses of a pool that may not be requested by name, and leaves those held there", () => {
    const allocator = allocatorWith(V4);
    const wanted = demand("svc", { requestable: [] });
    expect(given(allocator, wanted)).toEqual(["192.0.2.0"]);
    expect(allocator.assign({ ...wanted, requested: [ip("192.0.2.1")] }, NOW).refusal).toEqual({
      code: "AddressNotRequestable",
      address: "192.0.2.1",
      pool: "v4",
    });
    expect(allocator.assign({ ...wanted, requested: [ip("192.0.2.0")] }, NOW)).toMatchObject({
      change: "Kept",
      refusal: null,
    });
  });

  it("fills up from the pool of those that are named, with what is held there first", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("svc", { requested: [ip("192.0.2.1")] }), NOW);
    const wanted = demand("svc", { requested: [ip("192.0.2.3")], perFamily: 3 });
    expect(given(allocator, wanted)).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.3"]);
    expect(allocator.assign(wanted, NOW).change).toBe("Kept");
    expect(allocator.assign({ ...wanted, requested: [ip("192.0.2.3"), ip("192.0.2.3")] }, NOW).refusal?.code).toBe(
      "FamilyMismatch",
    );
  });
});

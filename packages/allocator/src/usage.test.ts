import { describe, expect, it } from "vitest";
import { allocatorWith, demand, given, ip, pool, range } from "./allocation.test.fixture.ts";

const SLASH_64 = "2001:db8::-2001:db8::ffff:ffff:ffff:ffff";
const SLASH_24 = "192.0.2.0-192.0.2.255";
const SLASH_120 = "2001:db8:2::-2001:db8:2::ff";

describe("usage", () => {
  it.each([
    { name: "a /64 before a /24", ranges: [SLASH_64, SLASH_24], v4: 256n, v6: 1n << 64n },
    { name: "a /24 before a /64", ranges: [SLASH_24, SLASH_64], v4: 256n, v6: 1n << 64n },
    { name: "a /64 before a /120", ranges: [SLASH_64, SLASH_120], v4: 0n, v6: (1n << 64n) + 256n },
    { name: "all of IPv6", ranges: ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], v4: 0n, v6: 1n << 128n },
  ])("counts without overflow: $name", ({ ranges, v4, v6 }) => {
    const allocator = allocatorWith(pool("wide", ranges));
    expect(allocator.usageOf("wide")).toEqual({
      IPv4: { assigned: 0n, available: v4 },
      IPv6: { assigned: 0n, available: v6 },
    });
    const wanted = demand("svc", { families: { type: "All", families: ["IPv6"] }, pools: ["wide"] });
    expect(given(allocator, wanted)).toHaveLength(1);
    expect(allocator.usageOf("wide")?.IPv6).toEqual({ assigned: 1n, available: v6 - 1n });
  });

  it("leaves out what is avoided and what is excluded, of which nothing can be requested either", () => {
    const excluded = [range("192.0.2.4-192.0.2.7"), range("192.0.2.6-192.0.2.9"), range("203.0.113.0-203.0.113.9")];
    const allocator = allocatorWith(pool("some", [SLASH_24], { avoidBuggyIPs: true, excluded }));
    expect(allocator.usageOf("some")?.IPv4).toEqual({ assigned: 0n, available: 256n - 2n - 6n });
    const wanted = demand("svc", { pools: ["some"], requested: [ip("192.0.2.9")] });
    expect(allocator.explain(wanted, 0 as never).outcome.refusal).toEqual({
      code: "AddressExcluded",
      address: "192.0.2.9",
      pool: "some",
    });
  });

  it("gives addresses of a wide range far beyond what a number can count", () => {
    const allocator = allocatorWith(pool("wide", ["2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]));
    const far = ip("2001:db8:8000::1");
    const wanted = demand("svc", { families: { type: "All", families: ["IPv6"] }, pools: ["wide"], requested: [far] });
    expect(given(allocator, wanted)).toEqual([far]);
    expect(given(allocator, { ...wanted, service: "next", requested: [] })).toEqual(["2001:db8::"]);
    allocator.release("svc", 0 as never);
    expect(allocator.holdersOf(far)).toEqual([]);
    expect(allocator.usageOf("wide")?.IPv6.assigned).toBe(1n);
  });

  it("goes past an excluded half of a /64", () => {
    const excluded = [range("2001:db8::-2001:db8::7fff:ffff:ffff:ffff")];
    const allocator = allocatorWith(pool("half", [SLASH_64], { excluded }));
    const wanted = demand("svc", { families: { type: "All", families: ["IPv6"] }, pools: ["half"] });
    expect(given(allocator, wanted)).toEqual(["2001:db8:0:0:8000::"]);
  });

  it("writes every address of a page as RFC 5952 has it", () => {
    for (const [first, last] of [
      ["2001:db8::fffe", "2001:db8::1:1"],
      ["::ffff:192.0.2.254", "::ffff:192.0.3.1"],
      ["2001:db8:0:1::", "2001:db8:0:1::3"],
      ["10.0.0.254", "10.0.1.1"],
    ] as const) {
      const family = first.includes(":") ? "IPv6" : "IPv4";
      const allocator = allocatorWith(pool("edge", [`${first}-${last}`]));
      const wanted = demand("svc", { families: { type: "All", families: [family] }, pools: ["edge"], perFamily: 4 });
      const addresses = given(allocator, wanted);
      expect(addresses.map(ip)).toEqual(addresses);
      expect([addresses[0], addresses[3]]).toEqual([first, last]);
    }
  });
});

import { formatExtendedCommunity } from "@herald-lb/k8s-glue/metallb";
import type { Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extendedCommunityBits, formatExtendedBits } from "./extended-communities.ts";

describe("extended communities", () => {
  const type = "RouteTarget";
  it.each([
    { given: { type, globalAdministrator: 65_000, localAdministrator: 100 }, bits: 0x0002_fde8_0000_0064n },
    { given: { type, globalAdministrator: 65_536, localAdministrator: 100 }, bits: 0x0202_0001_0000_0064n },
    {
      given: { type, globalAdministrator: "192.0.2.1" as Ipv4Address, localAdministrator: 7 },
      bits: 0x0102_c000_0201_0007n,
    },
    {
      given: { type: "RouteOrigin", globalAdministrator: 1, localAdministrator: 0xffff_ffff },
      bits: 0x0003_0001_ffff_ffffn,
    },
  ] as const)("$bits", ({ given, bits }) => {
    expect(extendedCommunityBits(given)).toBe(bits);
  });

  it("are written back as they were read", () => {
    const number = fc.oneof(
      fc.tuple(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffff_ffff })),
      fc.tuple(fc.integer({ min: 0x1_0000, max: 0xffff_ffff }), fc.nat(0xffff)),
      fc.tuple(
        fc.ipV4().map((each) => each as Ipv4Address),
        fc.nat(0xffff),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("RouteTarget" as const, "RouteOrigin" as const),
        number,
        (kind, [administrator, local]) => {
          const community = { type: kind, globalAdministrator: administrator, localAdministrator: local };
          expect(formatExtendedBits(extendedCommunityBits(community))).toBe(formatExtendedCommunity(community));
        },
      ),
    );
  });

  it("of other kinds are written in hexadecimal", () => {
    expect(formatExtendedBits(0x4004_fde8_4974_2400n)).toBe("0x4004fde849742400");
    expect(formatExtendedBits(0x4302_0000_0000_0000n)).toBe("0x4302000000000000");
  });
});

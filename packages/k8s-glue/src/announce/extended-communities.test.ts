import { extendedCommunityText } from "@herald-lb/bgp-speaker";
import { parseExtendedCommunity } from "@herald-lb/k8s-glue/metallb";
import type { Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extendedCommunityBits } from "./extended-communities.ts";

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

  it("are written as they were read", () => {
    const texts = fc.oneof(
      fc.tuple(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffff_ffff })),
      fc.tuple(fc.integer({ min: 0x1_0000, max: 0xffff_ffff }), fc.nat(0xffff)),
      fc.tuple(fc.ipV4(), fc.nat(0xffff)),
    );
    fc.assert(
      fc.property(fc.constantFrom("rt", "ro"), texts, (kind, [administrator, local]) => {
        const text = `${kind}:${administrator}:${local}`;
        const community = parseExtendedCommunity(text);
        expect(community === null ? null : extendedCommunityText(extendedCommunityBits(community))).toBe(text);
      }),
    );
  });
});

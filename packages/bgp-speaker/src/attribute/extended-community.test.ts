import type { Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExtendedCommunity,
  extendedCommunityOf,
  extendedCommunityText,
  extendedCommunityValue,
} from "./extended-community.ts";

describe("an extended community", () => {
  it.each<{ value: bigint; community: ExtendedCommunity; text: string }>([
    {
      value: 0x0002_fde9_0000_0001n,
      community: { type: "RouteTarget", isTransitive: true, form: "TwoOctetAs", administrator: 65001, value: 1 },
      text: "rt:65001:1",
    },
    {
      value: 0x4102_c000_0201_0007n,
      community: {
        type: "RouteTarget",
        isTransitive: false,
        form: "Ipv4Address",
        administrator: "192.0.2.1" as Ipv4Address,
        value: 7,
      },
      text: "rt:192.0.2.1:7",
    },
    {
      value: 0x0203_0001_0000_0009n,
      community: { type: "RouteOrigin", isTransitive: true, form: "FourOctetAs", administrator: 65536, value: 9 },
      text: "ro:65536:9",
    },
    // 125,000,000 octets a second, which is 1 Gbit/s.
    {
      value: 0x4004_fde9_4cee_6b28n,
      community: { type: "LinkBandwidth", isTransitive: false, autonomousSystem: 65001, bandwidth: 125_000_000 },
      text: "link-bandwidth:65001:125000000",
    },
    {
      value: 0x030b_0000_0000_0064n,
      community: { type: "Color", isTransitive: true, flags: 0, color: 100 },
      text: "color:0:100",
    },
    {
      value: 0x0600_0000_0000_0001n,
      community: { type: "Unknown", value: 0x0600_0000_0000_0001n },
      text: "0x0600000000000001",
    },
  ])("$text", ({ value, community, text }) => {
    expect(extendedCommunityOf(value)).toEqual(community);
    expect(extendedCommunityValue(community)).toBe(value);
    expect(extendedCommunityText(value)).toBe(text);
  });

  it("comes back as it was, whatever it is", () => {
    const anyType = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const knownType = fc
      .tuple(fc.constantFrom(0n, 1n, 2n, 3n, 0x40n, 0x41n, 0x42n, 0x43n), fc.constantFrom(2n, 3n, 4n, 11n), anyType)
      .map(([type, subtype, rest]) => (type << 56n) | (subtype << 48n) | (rest & 0xffff_ffff_ffffn));
    fc.assert(
      fc.property(fc.oneof(anyType, knownType), (value) => {
        expect(extendedCommunityValue(extendedCommunityOf(value))).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AddressRange,
  compareRanges,
  mergeRanges,
  rangeBounds,
  rangeContains,
  rangeOfBounds,
  rangeOfPrefix,
  rangeSize,
  rangesOverlap,
  subtractRanges,
} from "./address-range.ts";
import { BUGGY_LAST_OCTETS, countBuggyIpv4, isBuggyIpv4 } from "./buggy-ipv4.ts";
import { type IpAddress, ipAddressFromBigInt, ipAddressToBigInt, type IpFamily, parseIpAddress } from "./ip-address.ts";
import { parsePrefix } from "./prefix.ts";
import { RangeMap } from "./range-map.ts";

const BASES: Readonly<Record<IpFamily, bigint>> = { IPv4: 0xc00001f0n, IPv6: (0x20010db8n << 96n) - 32n };
const SPREAD = 63;
const address = (family: IpFamily, offset: number): IpAddress =>
  ipAddressFromBigInt(family, BASES[family] + BigInt(offset));
const range: fc.Arbitrary<AddressRange> = fc
  .tuple(fc.constantFrom<IpFamily>("IPv4", "IPv6"), fc.nat(SPREAD), fc.nat(SPREAD))
  .map(([family, a, b]) => ({ first: address(family, Math.min(a, b)), last: address(family, Math.max(a, b)) }));
const everyAddress: readonly IpAddress[] = (["IPv4", "IPv6"] as const).flatMap((family) =>
  Array.from({ length: SPREAD + 2 }, (_, offset) => address(family, offset)),
);

/** Every address of a range, one by one. */
function members({ first, last }: AddressRange): readonly IpAddress[] {
  const from = everyAddress.indexOf(first);
  return everyAddress.slice(from, everyAddress.indexOf(last) + 1);
}

describe("ranges beside lists of their addresses", () => {
  it("agree on size, containment and overlap", () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        expect(rangeSize(a)).toBe(BigInt(members(a).length));
        expect(everyAddress.filter((each) => rangeContains(a, each))).toEqual(members(a));
        expect(rangesOverlap(a, b)).toBe(members(a).some((each) => members(b).includes(each)));
        expect(rangeOfBounds(a.first.includes(":") ? "IPv6" : "IPv4", rangeBounds(a))).toEqual(a);
      }),
    );
  });

  it("agree on what remains after a subtraction", () => {
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 6 }), (whole, taken) => {
        const gone = new Set(taken.flatMap(members));
        const remaining = subtractRanges(whole, taken);
        expect(remaining.flatMap(members)).toEqual(members(whole).filter((each) => !gone.has(each)));
        expect(remaining).toEqual(mergeRanges(remaining));
      }),
    );
  });

  it("agree on the union, in the fewest ranges", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const all = new Set(ranges.flatMap(members));
        const merged = mergeRanges(ranges);
        expect(merged.flatMap(members)).toEqual(everyAddress.filter((each) => all.has(each)));
        for (const [at, each] of merged.entries()) {
          const next = merged[at + 1];
          if (next === undefined || next.first.includes(":") !== each.first.includes(":")) continue;
          expect(ipAddressToBigInt(next.first)).toBeGreaterThan(ipAddressToBigInt(each.last) + 1n);
        }
      }),
    );
  });

  it("are found in a map by address and by range", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const map = new RangeMap<number>();
        const owners = new Map<IpAddress, number>();
        for (const [at, each] of ranges.entries()) {
          const overlapping = map.overlapping(each);
          const before = new Set(members(each).flatMap((member) => owners.get(member) ?? []));
          expect(new Set(overlapping.map(({ value }) => value))).toEqual(before);
          expect(overlapping.map((entry) => entry.range).toSorted(compareRanges)).toEqual(
            overlapping.map((entry) => entry.range),
          );
          for (const part of subtractRanges(
            each,
            [...map].map((entry) => entry.range),
          ))
            map.insert(part, at);
          for (const member of members(each)) if (!owners.has(member)) owners.set(member, at);
        }
        for (const each of everyAddress) {
          expect(map.find(each)?.value).toBe(owners.get(each));
          expect(map.has(each)).toBe(owners.has(each));
        }
        expect([...map].flatMap((entry) => members(entry.range))).toEqual(
          everyAddress.filter((each) => owners.has(each)),
        );
      }),
    );
  });
});

it("a range of a prefix has its first and last address", () => {
  const prefix = parsePrefix("192.0.2.17/28");
  expect(prefix.ok && rangeOfPrefix(prefix.value)).toEqual({ first: "192.0.2.16", last: "192.0.2.31" });
});

describe("IPv4 addresses that avoidBuggyIPs never assigns", () => {
  it.each([
    { text: "192.0.2.0", buggy: true },
    { text: "192.0.2.255", buggy: true },
    { text: "192.0.2.1", buggy: false },
    { text: "192.0.2.10", buggy: false },
    { text: "192.0.0.254", buggy: false },
    { text: "2001:db8::", buggy: false },
    { text: "2001:db8::255", buggy: false },
  ])("$text: $buggy", ({ text, buggy }) => {
    const parsed = parseIpAddress(text);
    expect(parsed.ok && isBuggyIpv4(parsed.value)).toBe(buggy);
    expect(BUGGY_LAST_OCTETS).toEqual([0, 255]);
  });

  it("are counted as many as there are", () => {
    fc.assert(
      fc.property(fc.constantFrom<IpFamily>("IPv4", "IPv6"), fc.nat(600), fc.nat(600), (family, a, b) => {
        const base = family === "IPv4" ? 0n : BASES.IPv6;
        const start = base + BigInt(Math.min(a, b));
        const end = base + BigInt(Math.max(a, b));
        let expected = 0n;
        for (let at = start; at <= end; at++) if (isBuggyIpv4(ipAddressFromBigInt(family, at))) expected++;
        expect(countBuggyIpv4(rangeOfBounds(family, { start, end }))).toBe(expected);
      }),
    );
  });
});

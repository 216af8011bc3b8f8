import {
  type AddressRange,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
} from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DisjointRanges, joined, rangeWithout } from "./disjoint-ranges.ts";

const bases: Readonly<Record<IpFamily, bigint>> = { IPv4: 0xc0000200n, IPv6: 0x20010db8n << 96n };
const address = (family: IpFamily, offset: number): IpAddress =>
  ipAddressFromBigInt(family, bases[family] + BigInt(offset));
const range: fc.Arbitrary<AddressRange> = fc
  .tuple(fc.constantFrom<IpFamily>("IPv4", "IPv6"), fc.nat(63), fc.nat(63))
  .map(([family, a, b]) => ({ first: address(family, Math.min(a, b)), last: address(family, Math.max(a, b)) }));

function members({ first, last }: AddressRange): readonly IpAddress[] {
  const found: IpAddress[] = [];
  for (let at = ipAddressToBigInt(first); at <= ipAddressToBigInt(last); at++) {
    found.push(ipAddressFromBigInt(familyOf(first), at));
  }
  return found;
}

const everywhere: readonly IpAddress[] = (["IPv4", "IPv6"] as const).flatMap((family) =>
  Array.from({ length: 66 }, (_, offset) => address(family, offset)),
);

describe("ranges that are cut by those before them", () => {
  it("have each address once, are found by it, and leave nothing out", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const index = new DisjointRanges<number>();
        const owners = new Map<IpAddress, number>();
        for (const [at, each] of ranges.entries()) {
          const hits = index.overlapping(each);
          const before = new Set(members(each).flatMap((member) => owners.get(member) ?? []));
          expect(new Set(hits.map(({ owner }) => owner))).toEqual(before);
          const left = rangeWithout(
            each,
            hits.map((hit) => hit.range),
          );
          expect(left.flatMap(members)).toEqual(members(each).filter((member) => !owners.has(member)));
          for (const part of left) index.add(part, at);
          for (const member of members(each)) if (!owners.has(member)) owners.set(member, at);
        }
        const copy = new DisjointRanges<number>();
        copy.addAll(index);
        for (const each of everywhere) {
          const [hit] = copy.overlapping({ first: each, last: each });
          expect(hit?.owner).toBe(owners.get(each));
          expect(copy.has(each)).toBe(owners.has(each));
        }
      }),
    );
  });

  it("joined have the addresses that any of them has", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const all = new Set(ranges.flatMap(members));
        const index = joined(ranges);
        for (const each of everywhere) expect(index.has(each)).toBe(all.has(each));
      }),
    );
  });
});

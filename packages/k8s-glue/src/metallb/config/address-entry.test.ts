import { compareIpAddresses, ipAddressFromBigInt, ipAddressToBigInt, parseIpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddressEntry, shortestPrefixOf } from "./address-entry.ts";

const good = [
  { text: "192.0.2.0/24", first: "192.0.2.0", last: "192.0.2.255", shortestPrefix: 24 },
  { text: "192.0.2.77/28", first: "192.0.2.64", last: "192.0.2.79", shortestPrefix: 28 },
  { text: "198.51.100.10-198.51.100.20", first: "198.51.100.10", last: "198.51.100.20", shortestPrefix: 30 },
  { text: " 198.51.100.0 - 198.51.100.255 ", first: "198.51.100.0", last: "198.51.100.255", shortestPrefix: 24 },
  { text: "203.0.113.9-203.0.113.9", first: "203.0.113.9", last: "203.0.113.9", shortestPrefix: 32 },
  { text: "2001:db8::/126", first: "2001:db8::", last: "2001:db8::3", shortestPrefix: 126 },
  { text: "2001:db8::10-2001:db8::1f", first: "2001:db8::10", last: "2001:db8::1f", shortestPrefix: 124 },
  { text: "0.0.0.0-255.255.255.255", first: "0.0.0.0", last: "255.255.255.255", shortestPrefix: 0 },
];

const bad = [
  { text: "192.0.2.1", code: "BadAddress" },
  { text: "192.0.2.0/33", code: "BadAddress" },
  { text: "192.0.2.0/", code: "BadAddress" },
  { text: "", code: "BadAddress" },
  { text: "192.0.2.010/32", code: "BadAddress" },
  { text: "192.0.2.1-", code: "BadAddress" },
  { text: "192.0.2.1-192.0.2.9-192.0.2.10", code: "BadAddress" },
  { text: "192.0.2.20-192.0.2.10", code: "ReversedRange" },
  { text: "2001:db8::2-2001:db8::1", code: "ReversedRange" },
  { text: "192.0.2.1-2001:db8::1", code: "MixedFamilies" },
];

describe("an entry of spec.addresses", () => {
  it.each(good)("reads $text", ({ text, first, last, shortestPrefix }) => {
    expect(parseAddressEntry(text)).toEqual({ ok: true, value: { range: { first, last }, shortestPrefix } });
  });

  it.each(bad)("refuses $text as $code", ({ text, code }) => {
    expect(parseAddressEntry(text)).toMatchObject({ ok: false, error: { code } });
  });

  it("never throws, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseAddressEntry(text)));
  });
});

const address = (offset: number) => ipAddressFromBigInt("IPv4", 0xc0000200n + BigInt(offset));
const range = fc
  .tuple(fc.nat(63), fc.nat(63))
  .map(([a, b]) => ({ first: address(Math.min(a, b)), last: address(Math.max(a, b)) }));

function members({ first, last }: { first: ReturnType<typeof address>; last: ReturnType<typeof address> }): string[] {
  const found: string[] = [];
  for (let at = ipAddressToBigInt(first); at <= ipAddressToBigInt(last); at++)
    found.push(ipAddressFromBigInt("IPv4", at));
  return found;
}

describe("ranges", () => {
  it("have as their widest block the widest that lies in them", () => {
    fc.assert(
      fc.property(range, (a) => {
        let widest = 32;
        for (let length = 32; length >= 26; length--) {
          const size = 2n ** BigInt(32 - length);
          const starts = members(a)
            .map((text) => parseIpAddress(text))
            .flatMap((each) => (each.ok ? [each.value] : []));
          const fits = starts.some((start) => {
            const at = ipAddressToBigInt(start);
            const end = ipAddressFromBigInt("IPv4", at + size - 1n);
            return at % size === 0n && compareIpAddresses(end, a.last) <= 0;
          });
          if (fits) widest = length;
        }
        expect(shortestPrefixOf(a)).toBe(widest);
      }),
    );
  });
});

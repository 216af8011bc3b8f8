import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressBits,
  compareIpAddresses,
  familyOf,
  ipAddressFromBigInt,
  ipAddressFromOctets,
  ipAddressToBigInt,
  isLinkLocal,
  isMulticast,
  macFromOctets,
  macToOctets,
  octetsOf,
  parseIpAddress,
  parseMacAddress,
  parsePrefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixFamily,
  prefixFirst,
  prefixLast,
  prefixLength,
  prefixOf,
} from "./index.ts";
import { ipAddress, ipPrefix, macAddress } from "./testing/index.ts";

function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe("parseIpAddress", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8::0:1", "2001:db8::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
  ])("reads %s as %s", (text, canonical) => {
    expect(parseIpAddress(text)).toEqual({ ok: true, value: canonical });
  });

  it.each([
    "",
    "1.2.3",
    "0x7f.1",
    "010.0.0.1",
    "1.2.3.04",
    "256.0.0.1",
    "1.2.3.4 ",
    "fe80::1%eth0",
    "1::2::3",
    "12345::",
    "::g",
    "1.2.3.4.5",
    "1:2:3:4:5:6:7:8:9",
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toEqual({ ok: false, error: { code: "NotAnAddress", text } });
  });

  it("accepts nothing that Node's own parser refuses", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(..."0123456789abcdef.:x%/") })),
        (text) => {
          if (parseIpAddress(text).ok) expect(isIPv4(text) || isIPv6(text)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("addresses", () => {
  it("pass through octets, integers and text unchanged", () => {
    fc.assert(
      fc.property(ipAddress(), (address) => {
        expect(ipAddressFromOctets(octetsOf(address))).toBe(address);
        expect(ipAddressFromBigInt(familyOf(address), ipAddressToBigInt(address))).toBe(address);
        expect(valueOf(parseIpAddress(address))).toBe(address);
      }),
      { numRuns: 1_000 },
    );
  });

  it("order as their integers do, IPv4 first", () => {
    fc.assert(
      fc.property(ipAddress(), ipAddress(), (a, b) => {
        const key = (address: typeof a): bigint =>
          ipAddressToBigInt(address) + (familyOf(address) === "IPv6" ? 1n << 130n : 0n);
        const expected = key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
        expect(Math.sign(compareIpAddresses(a, b))).toBe(expected);
      }),
    );
  });

  it.each([
    ["169.254.1.1", true, false],
    ["fe80::1", true, false],
    ["febf::1", true, false],
    ["fec0::1", false, false],
    ["224.0.0.251", false, true],
    ["239.255.255.255", false, true],
    ["240.0.0.1", false, false],
    ["ff02::1", false, true],
    ["2001:db8::1", false, false],
  ])("%s: link-local %s, multicast %s", (text, linkLocal, multicast) => {
    const address = valueOf(parseIpAddress(text));
    expect([isLinkLocal(address), isMulticast(address)]).toEqual([linkLocal, multicast]);
  });
});

describe("prefixes", () => {
  it.each([
    ["192.0.2.77/24", "192.0.2.0/24"],
    ["192.0.2.77/32", "192.0.2.77/32"],
    ["10.0.0.0/0", "0.0.0.0/0"],
    ["192.0.2.255/31", "192.0.2.254/31"],
    ["2001:db8:ffff::1/33", "2001:db8:8000::/33"],
    ["2001:db8::1/128", "2001:db8::1/128"],
  ])("reads %s as %s", (text, canonical) => {
    expect(parsePrefix(text)).toEqual({ ok: true, value: canonical });
  });

  it.each([
    ["192.0.2.0", "NotAPrefix"],
    ["192.0.2.0/", "NotAPrefix"],
    ["192.0.2.0/024", "NotAPrefix"],
    ["192.0.2.0/33", "PrefixLengthOutOfRange"],
    ["2001:db8::/129", "PrefixLengthOutOfRange"],
    ["192.0.2/24", "NotAPrefix"],
    ["192.0.2.0/24/8", "NotAPrefix"],
    ["192.0.2.0/-1", "NotAPrefix"],
  ])("refuses %s as %s", (text, code) => {
    expect(parsePrefix(text)).toEqual({ ok: false, error: { code, text } });
  });

  it("span what their integers span", () => {
    fc.assert(
      fc.property(ipPrefix(), ipAddress(), (prefix, address) => {
        const bits = BigInt(addressBits(prefixFamily(prefix)) - prefixLength(prefix));
        const base = (ipAddressToBigInt(prefixAddress(prefix)) >> bits) << bits;
        expect(ipAddressToBigInt(prefixFirst(prefix))).toBe(base);
        expect(ipAddressToBigInt(prefixLast(prefix))).toBe(base + (1n << bits) - 1n);
        const inside =
          familyOf(address) === prefixFamily(prefix) && ipAddressToBigInt(address) >> bits === base >> bits;
        expect(prefixContains(prefix, address)).toBe(inside);
        expect(valueOf(parsePrefix(prefix))).toBe(prefix);
        expect(prefixOf(prefixLast(prefix), prefixLength(prefix))).toBe(prefix);
      }),
      { numRuns: 1_000 },
    );
  });

  it("overlap when their spans do", () => {
    fc.assert(
      fc.property(ipPrefix("IPv4"), ipPrefix("IPv4"), (a, b) => {
        const low = (p: typeof a): bigint => ipAddressToBigInt(prefixFirst(p));
        const high = (p: typeof a): bigint => ipAddressToBigInt(prefixLast(p));
        expect(prefixesOverlap(a, b)).toBe(low(a) <= high(b) && low(b) <= high(a));
      }),
    );
  });
});

describe("hardware addresses", () => {
  it("pass through octets and text unchanged", () => {
    fc.assert(
      fc.property(macAddress(), (address) => {
        expect(macFromOctets(macToOctets(address))).toBe(address);
        expect(valueOf(parseMacAddress(address.toUpperCase().replaceAll(":", "-")))).toBe(address);
      }),
    );
  });

  it.each(["", "02:00:5e:00:53", "02:00:5e:00:53:01:02", "02:00-5e:00:53:01", "02:00:5e:00:53:0g", "2:0:5e:0:53:1"])(
    "refuses %j",
    (text) => {
      expect(parseMacAddress(text)).toEqual({ ok: false, error: { code: "NotAMacAddress", text } });
    },
  );
});

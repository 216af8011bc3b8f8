import { type IpPrefix, prefixOf, type IpAddress, type Ipv4Address } from "@herald-lb/sansio";
import { macAddress } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressDigestOf, serviceDigestOf, isCutOff, noLostLinks, type NodeReport } from "./node-report.ts";
import { decodeNodeReport, encodeNodeReport } from "./node-report-codec.ts";

const prefix = fc.oneof(
  fc.nat(32).map((length) => prefixOf("203.0.113.77" as IpAddress, length)),
  fc.nat(128).map((length) => prefixOf("2001:db8:1234::77" as IpAddress, length)),
);
const segment = fc.record(
  {
    hardwareAddresses: fc.array(macAddress(), { maxLength: 4 }),
    tentative: fc
      .array(fc.nat(255), { maxLength: 20 })
      .map((hosts) => new Set(hosts.map((host) => addressDigestOf(`192.0.2.${host}` as Ipv4Address)))),
  },
  { noNullPrototype: true },
);
const report: fc.Arbitrary<NodeReport> = fc.record(
  {
    segment,
    subnets: fc.array(
      fc.record(
        {
          interface: fc.string({ unit: "grapheme-ascii", maxLength: 15 }),
          prefixes: fc.array(prefix, { maxLength: 3 }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 4 },
    ),
    lostLinks: fc.record(
      {
        interfaces: fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 15 }), { maxLength: 4 }),
        prefixes: fc.array(prefix, { maxLength: 4 }),
      },
      { noNullPrototype: true },
    ),
    owned: fc.array(fc.string(), { maxLength: 20 }).map((keys) => new Set(keys.map(serviceDigestOf))),
  },
  { noNullPrototype: true, requiredKeys: ["lostLinks", "owned"] },
);

describe("a node's report", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(report, (each) => {
        expect(decodeNodeReport(encodeNodeReport(each))).toEqual(each);
      }),
    );
  });

  it("is of the lowest version that has a place for what it says, so that older speakers read it", () => {
    const owned = new Set<string>();
    expect(encodeNodeReport({ lostLinks: noLostLinks, owned })[0]).toBe(1);
    const told = { lostLinks: noLostLinks, owned, segment: { hardwareAddresses: [], tentative: owned } };
    expect(encodeNodeReport(told)[0]).toBe(2);
    for (const each of [told, { lostLinks: noLostLinks, owned }])
      expect(encodeNodeReport({ ...each, subnets: [] })[0]).toBe(3);
  });

  it("is none when cut at any length, or longer than it says", () => {
    fc.assert(
      fc.property(report, (each) => {
        const octets = encodeNodeReport(each);
        for (let length = 0; length < octets.length; length++)
          expect(decodeNodeReport(octets.subarray(0, length))).toBeNull();
        expect(decodeNodeReport(Uint8Array.of(...octets, 0))).toBeNull();
      }),
    );
  });

  it("is none for octets of another version, family or length of a prefix", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => void decodeNodeReport(octets)));
    const octets = encodeNodeReport({
      lostLinks: { interfaces: [], prefixes: ["192.0.2.0/24" as IpPrefix] },
      owned: new Set(),
    });
    const changed = (at: number, value: number): Uint8Array => octets.with(at, value);
    expect(decodeNodeReport(octets)).not.toBeNull();
    for (const [at, value] of [
      [0, 2],
      [0, 0],
      [0, 3],
      [0, 4],
      [5, 7],
      [6, 33],
    ] as const)
      expect(decodeNodeReport(changed(at, value))).toBeNull();
  });

  it("is none with another octet than 0 or 1 for the lists about the segment", () => {
    const octets = encodeNodeReport({ lostLinks: noLostLinks, owned: new Set(), subnets: [] });
    // Behind the version and three empty lists.
    expect(decodeNodeReport(octets.with(7, 0))).not.toBeNull();
    for (const value of [1, 2, 255]) expect(decodeNodeReport(octets.with(7, value))).toBeNull();
    const segment = { hardwareAddresses: [], tentative: new Set<string>() };
    const more = encodeNodeReport({ lostLinks: noLostLinks, owned: new Set(), segment, subnets: [] });
    expect(decodeNodeReport(more.with(7, 2))).toBeNull();
  });

  it("of more services than fit leaves the last ones out", () => {
    const owned = new Set(Array.from({ length: 7_001 }, (_, at) => serviceDigestOf(`default/${at}`)));
    const octets = encodeNodeReport({ lostLinks: { interfaces: [], prefixes: [] }, owned });
    expect(octets.length).toBeLessThan(64_000);
    expect(decodeNodeReport(octets)?.owned.size).toBe(7_000);
  });
});

describe("isCutOff", () => {
  const candidate = (interfaces: "all" | readonly string[]): Parameters<typeof isCutOff>[0] => ({
    node: "a",
    score: 0,
    interfaces,
  });
  const lost = { interfaces: ["eth1"], prefixes: ["203.0.113.0/24" as IpPrefix, "2001:db8::/64" as IpPrefix] };
  it.each([
    { interfaces: "all", address: "203.0.113.9", expected: true },
    { interfaces: "all", address: "2001:db8::9", expected: true },
    { interfaces: "all", address: "198.51.100.9", expected: false },
    { interfaces: ["eth1"], address: "198.51.100.9", expected: true },
    { interfaces: ["eth0", "eth1"], address: "198.51.100.9", expected: false },
    { interfaces: [], address: "198.51.100.9", expected: false },
  ] as const)("$address on $interfaces: $expected", ({ interfaces, address, expected }) => {
    expect(isCutOff(candidate(interfaces), [address as IpAddress], lost)).toBe(expected);
    expect(isCutOff(candidate(interfaces), [address as IpAddress], undefined)).toBe(false);
  });
});

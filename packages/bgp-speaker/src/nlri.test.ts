import { ipAddressFromOctets, prefixOf } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { putIpv4, putIpv6 } from "./address-octets.ts";
import type { CodecContext } from "./codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "./family.ts";
import { decodeNlri, encodeNlri } from "./nlri.ts";

const context: CodecContext = { fourOctetAs: true, families: [], maxMessageLength: 4096 };

describe("NLRI", () => {
  for (const [family, size] of [
    [IPV4_UNICAST, 4],
    [IPV6_UNICAST, 16],
  ] as const) {
    it(`masks the bits behind the length, AFI ${family.afi}`, () => {
      const address = fc.uint8Array({ minLength: size, maxLength: size });
      fc.assert(
        fc.property(address, fc.nat(size * 8), (octets, length) => {
          const wire = Uint8Array.from([length, ...octets.subarray(0, Math.ceil(length / 8))]);
          const prefix = prefixOf(ipAddressFromOctets(octets), length);
          expect(decodeNlri(wire, 0, wire.length, family, context)).toEqual([{ prefix }]);
          const out = new Uint8Array(64);
          const end = encodeNlri([{ prefix }], out, 0, family, context);
          expect(end).toBe(wire.length);
          expect(decodeNlri(out, 0, end, family, context)).toEqual([{ prefix }]);
        }),
        { numRuns: 500 },
      );
    });

    it(`refuses a prefix that is too long or cut short, AFI ${family.afi}`, () => {
      const long = Uint8Array.from([size * 8 + 1, ...new Uint8Array(size + 1)]);
      expect(decodeNlri(long, 0, long.length, family, context)).toBeNull();
      const whole = Uint8Array.from([size * 8, ...new Uint8Array(size)]);
      for (let length = 1; length < whole.length; length++)
        expect(decodeNlri(whole, 0, length, family, context)).toBeNull();
      expect(decodeNlri(whole, 0, whole.length, family, context)).toHaveLength(1);
    });
  }

  it("refuses a Path Identifier cut short", () => {
    const addPath: CodecContext = { ...context, addPath: [IPV4_UNICAST] };
    const wire = Uint8Array.of(0, 0, 0, 7, 8, 10);
    for (let length = 1; length < wire.length; length++)
      expect(decodeNlri(wire, 0, length, IPV4_UNICAST, addPath)).toBeNull();
    expect(decodeNlri(wire, 0, wire.length, IPV4_UNICAST, addPath)).toEqual([{ prefix: "10.0.0.0/8", pathId: 7 }]);
  });
});

describe("an address", () => {
  it("is written as the octets it was read from", () => {
    const groups = fc.array(fc.oneof(fc.constant([0, 0]), fc.uint8Array({ minLength: 2, maxLength: 2 })), {
      minLength: 8,
      maxLength: 8,
    });
    const mapped = fc
      .uint8Array({ minLength: 4, maxLength: 4 })
      .map((octets) => [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [255, 255], octets]);
    fc.assert(
      fc.property(fc.oneof(groups, mapped), (parts) => {
        const octets = Uint8Array.from(parts.flatMap((part) => [...part]));
        const out = new Uint8Array(16).fill(0xaa);
        expect(putIpv6(out, 0, ipAddressFromOctets(octets) as Parameters<typeof putIpv6>[2])).toBe(16);
        expect(out).toEqual(octets);
      }),
      { numRuns: 500 },
    );
    const out = new Uint8Array(4);
    expect(putIpv4(out, 0, "203.0.113.255" as Parameters<typeof putIpv4>[2])).toBe(4);
    expect(out).toEqual(Uint8Array.of(203, 0, 113, 255));
  });
});

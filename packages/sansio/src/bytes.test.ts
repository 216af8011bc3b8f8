import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter, internetChecksum, ShortRead } from "./index.ts";
import { octets, octetsFromHex } from "./testing/index.ts";

const field = fc.oneof(
  fc.record({ type: fc.constant("u8" as const), value: fc.nat({ max: 0xff }) }),
  fc.record({ type: fc.constant("u16" as const), value: fc.nat({ max: 0xffff }) }),
  fc.record({ type: fc.constant("u32" as const), value: fc.nat({ max: 0xffff_ffff }) }),
  fc.record({ type: fc.constant("u64" as const), value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }),
  fc.record({ type: fc.constant("octets" as const), value: octets() }),
);

describe("ByteWriter and ByteReader", () => {
  it("read back what was written, and are short by one octet at every cut", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
        const writer = new ByteWriter(1);
        for (const one of fields) {
          if (one.type === "u64") writer.u64(one.value);
          else if (one.type === "octets") writer.octets(one.value);
          else writer[one.type](one.value);
        }
        const written = writer.finish();
        const readAll = (source: Uint8Array): unknown[] => {
          const reader = new ByteReader(source);
          return fields.map((one) => (one.type === "octets" ? reader.octets(one.value.length) : reader[one.type]()));
        };
        expect(readAll(written)).toEqual(fields.map((one) => one.value));
        for (let cut = 0; cut < written.length; cut++) {
          expect(() => readAll(written.subarray(0, cut))).toThrow(ShortRead);
        }
      }),
    );
  });

  it("fills reserved octets later", () => {
    const writer = new ByteWriter();
    const one = writer.reserveU8();
    const two = writer.reserveU16();
    writer.u8(9);
    writer.patchU8(one, 1);
    writer.patchU16(two, 0x0203);
    expect(writer.finish()).toEqual(Uint8Array.of(1, 2, 3, 9));
  });

  it("says where it fell short", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3));
    reader.u8();
    expect(() => reader.u32()).toThrow(expect.objectContaining({ offset: 1, wanted: 4, left: 2 }));
    expect(reader.rest()).toEqual(Uint8Array.of(2, 3));
  });
});

describe("internetChecksum", () => {
  it("agrees with the example of RFC 1071 §3", () => {
    expect(internetChecksum([octetsFromHex("0001 f203 f4f5 f6f7")])).toBe(~0xddf2 & 0xffff);
  });

  it("does not see where chunks are cut, and is zero over its own result", () => {
    fc.assert(
      fc.property(octets({ minLength: 2, maxLength: 200 }), fc.nat(), (all, at) => {
        const cut = at % all.length;
        const sum = internetChecksum([all]);
        expect(internetChecksum([all.subarray(0, cut), all.subarray(cut)])).toBe(sum);
        const padded = all.length % 2 === 0 ? all : Uint8Array.of(...all, 0);
        expect(internetChecksum([padded, Uint8Array.of(sum >>> 8, sum & 0xff)])).toBe(0);
      }),
    );
  });
});

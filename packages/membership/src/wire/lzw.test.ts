import { octets } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lzwCompress, lzwExpand } from "./lzw.ts";

describe("LZW", () => {
  it("gives back what it was given", () => {
    const texts = fc.oneof(
      octets({ maxLength: 300 }),
      fc
        .tuple(octets({ minLength: 1, maxLength: 9 }), fc.nat({ max: 4000 }))
        .map(([unit, times]) => repeat(unit, times)),
      fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat({ max: 20_000 })).map(([bits, length]) => noise(bits, length)),
    );
    fc.assert(
      fc.property(texts, (given) => {
        expect(lzwExpand(lzwCompress(given), 1 << 20)).toEqual({ ok: true, value: given });
      }),
      { numRuns: 150 },
    );
  });

  it("never gives more than it may", () => {
    const bomb = lzwCompress(new Uint8Array(1_000_000));
    expect(bomb.length).toBeLessThan(3000);
    expect(lzwExpand(bomb, 999_999)).toEqual({ ok: false, error: { code: "TooLarge", limit: 999_999 } });
    expect(lzwExpand(bomb, 1_000_000)).toMatchObject({ ok: true });
  });

  it("returns a value for any octets, and refuses what is cut", () => {
    fc.assert(fc.property(octets({ maxLength: 200 }), (given) => void lzwExpand(given, 10_000)));
    const whole = lzwCompress(repeat(Uint8Array.of(1, 2, 3), 50));
    for (let length = 0; length < whole.length; length++) {
      expect(lzwExpand(whole.subarray(0, length), 1000).ok).toBe(false);
    }
  });
});

function repeat(unit: Uint8Array, times: number): Uint8Array {
  return Uint8Array.from({ length: unit.length * times }, (_, at) => unit[at % unit.length] as number);
}

function noise(bits: number, length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) & ((1 << bits) - 1);
  });
}

import { err, ok, type Result } from "@herald-lb/sansio";
import type { WireError } from "./wire-error.ts";

// LZW as Go's compress/lzw writes it with LSB order and literals of 8 bits, which is GIF's: codes grow from 9 to 12 bits, 256
// clears the table, 257 ends the data.
const CLEAR = 256;
const END = 257;
const FIRST_WIDTH = 9;
const MAX_WIDTH = 12;
const LAST_CODE = 4095;
const NONE = -1;

/** Compresses octets; what Go's encoder would write, bit for bit. */
export function lzwCompress(octets: Uint8Array): Uint8Array {
  const out: number[] = [];
  let bits = 0;
  let bitCount = 0;
  let width = FIRST_WIDTH;
  let highest = END;
  let table = new Map<number, number>();

  const write = (code: number): void => {
    bits |= code << bitCount;
    for (bitCount += width; bitCount >= 8; bitCount -= 8) {
      out.push(bits & 0xff);
      bits >>>= 8;
    }
  };
  /** Counts one code more; true when that cleared the table. */
  const grow = (): boolean => {
    highest++;
    if (highest === 1 << width) width++;
    if (highest !== LAST_CODE) return false;
    write(CLEAR);
    width = FIRST_WIDTH;
    highest = END;
    table = new Map();
    return true;
  };

  write(CLEAR);
  let prefix = NONE;
  for (const octet of octets) {
    if (prefix === NONE) {
      prefix = octet;
      continue;
    }
    const key = (prefix << 8) | octet;
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    write(prefix);
    prefix = octet;
    if (!grow()) table.set(key, highest);
  }
  if (prefix !== NONE) {
    write(prefix);
    grow();
  }
  write(END);
  if (bitCount > 0) out.push(bits & 0xff);
  return Uint8Array.from(out);
}

/** Expands octets to at most `limit`; data without its end, or with a code that means nothing yet, is malformed. */
export function lzwExpand(octets: Uint8Array, limit: number): Result<Uint8Array, WireError> {
  const prefixes = new Uint16Array(LAST_CODE + 1);
  const suffixes = new Uint8Array(LAST_CODE + 1);
  const string = new Uint8Array(LAST_CODE + 1);
  let out = new Uint8Array(Math.min(limit, octets.length * 4));
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  let width = FIRST_WIDTH;
  let highest = END;
  let last = NONE;

  for (let at = 0; ; ) {
    while (bitCount < width) {
      if (at === octets.length) return err({ code: "Truncated", offset: at, wanted: 1 });
      bits |= (octets[at++] as number) << bitCount;
      bitCount += 8;
    }
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    bitCount -= width;

    if (code === CLEAR) {
      width = FIRST_WIDTH;
      highest = END;
      last = NONE;
      continue;
    }
    if (code === END) return ok(out.subarray(0, length));
    // The one code that may come before it is known: its string is the last one and that one's own first octet.
    const early = code === highest && last !== NONE;
    if (code > highest) return err({ code: "Malformed", offset: at, what: "LZW code" });

    let start = string.length;
    let step = early ? last : code;
    if (early) start--;
    while (step > END) {
      string[--start] = suffixes[step] as number;
      step = prefixes[step] as number;
    }
    string[--start] = step;
    if (early) string[string.length - 1] = step;
    const expanded = string.subarray(start);
    if (length + expanded.length > limit) return err({ code: "TooLarge", limit });
    if (length + expanded.length > out.length) {
      const larger = new Uint8Array(Math.min(limit, Math.max(out.length * 2, length + expanded.length)));
      larger.set(out.subarray(0, length));
      out = larger;
    }
    out.set(expanded, length);
    length += expanded.length;

    if (last !== NONE) {
      suffixes[highest] = step;
      prefixes[highest] = last;
    }
    last = code;
    highest++;
    if (highest < 1 << width) continue;
    if (width < MAX_WIDTH) width++;
    else {
      // A full table stays as it is until it is cleared.
      last = NONE;
      highest--;
    }
  }
}

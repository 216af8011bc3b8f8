import { sha256 } from "@noble/hashes/sha2.js";

/** A generator's place: block `counter` of the stream that `seed` opens is the next to be drawn. */
export interface RandomState {
  readonly seed: Uint8Array;
  readonly counter: number;
}

/** The owner of the generator's place while it draws. */
export interface RandomSource {
  random: RandomState;
}

/**
 * The next 32 octets: SHA-256 of the seed and a counter. With a secret seed of 32 octets they cannot be told from random ones, which
 * the nonces of AES-GCM need; and the same seed draws the same again, which tests and replays need.
 */
export function drawOctets(source: RandomSource): Uint8Array {
  const { seed, counter } = source.random;
  const block = new Uint8Array(seed.length + 8);
  block.set(seed);
  const view = new DataView(block.buffer);
  view.setUint32(seed.length, Math.floor(counter / 0x1_0000_0000));
  view.setUint32(seed.length + 4, counter >>> 0);
  source.random = { seed, counter: counter + 1 };
  return sha256(block);
}

/** A number from 0 (inclusive) to 1 (exclusive). */
export function drawFraction(source: RandomSource): number {
  const octets = drawOctets(source);
  return new DataView(octets.buffer, octets.byteOffset).getUint32(0) / 0x1_0000_0000;
}

/** A whole number from 0 to `below` - 1. */
export function drawBelow(source: RandomSource, below: number): number {
  return Math.floor(drawFraction(source) * below);
}

/** The items in random order, or only the first `count` of that order. */
export function drawSome<Item>(source: RandomSource, items: readonly Item[], count: number = items.length): Item[] {
  const shuffled = [...items];
  const wanted = Math.min(count, shuffled.length);
  for (let at = 0; at < wanted; at++) {
    const other = at + drawBelow(source, shuffled.length - at);
    [shuffled[at], shuffled[other]] = [shuffled[other] as Item, shuffled[at] as Item];
  }
  return shuffled.slice(0, wanted);
}

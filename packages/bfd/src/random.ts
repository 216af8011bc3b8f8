import { sha256 } from "@noble/hashes/sha2.js";

/** A place in the numbers that a seed gives: the same seed gives the same ones again. Changed in place. */
export interface SeededNumbers {
  readonly seed: Uint8Array;
  counter: number;
  jitter: number;
}

/** The beginning of the numbers of a seed. */
export function seededNumbers(seed: Uint8Array): SeededNumbers {
  const numbers: SeededNumbers = { seed, counter: 0, jitter: 0 };
  numbers.jitter = unpredictableNumber(numbers);
  return numbers;
}

/** The next number of 32 bits that nobody without the seed can guess: SHA-256 of the seed and a counter. */
export function unpredictableNumber(numbers: SeededNumbers): number {
  const { seed } = numbers;
  const block = new Uint8Array(seed.length + 4);
  block.set(seed);
  new DataView(block.buffer).setUint32(seed.length, numbers.counter++);
  const digest = sha256(block);
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

/** The next number from 0 (inclusive) to 1 (exclusive), for jitter: a linear congruential generator, since a packet must not cost a hash. */
export function jitterFraction(numbers: SeededNumbers): number {
  numbers.jitter = (Math.imul(numbers.jitter, 1_664_525) + 1_013_904_223) >>> 0;
  return numbers.jitter / 0x1_0000_0000;
}

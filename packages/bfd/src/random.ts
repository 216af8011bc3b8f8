import { sha256 } from "@noble/hashes/sha2.js";

/** Numbers drawn from a seed: the same seed draws the same again. Changed in place. */
export class SeededNumbers {
  readonly #seed: Uint8Array;
  #counter = 0;
  #jitter: number;

  constructor(seed: Uint8Array) {
    this.#seed = seed;
    this.#jitter = this.unpredictable();
  }

  /** A number of 32 bits that nobody without the seed can guess: SHA-256 of the seed and a counter. */
  unpredictable(): number {
    const block = new Uint8Array(this.#seed.length + 4);
    block.set(this.#seed);
    new DataView(block.buffer).setUint32(this.#seed.length, this.#counter++);
    const digest = sha256(block);
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  }

  /** A number from 0 (inclusive) to 1 (exclusive), for jitter: a linear congruential generator, since a packet must not cost a hash. */
  fraction(): number {
    this.#jitter = (Math.imul(this.#jitter, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#jitter / 0x1_0000_0000;
  }
}

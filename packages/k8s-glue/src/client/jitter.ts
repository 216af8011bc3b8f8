/**
 * A sequence of numbers in [0, 1) for machines, which may not draw their own: the same for the same seed and position. `seed` is a
 * 32-bit integer; draw it at random where processes must not fall into step.
 */
export function createJitter(seed: number): (sequence: number) => number {
  return (sequence) => {
    // The finalizer of MurmurHash3: every bit of seed and position reaches every bit of the result.
    let bits = (seed ^ Math.imul(sequence, 0x9e3779b1)) >>> 0;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}

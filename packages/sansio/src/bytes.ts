/** Thrown by `ByteReader` past the end; a decoder catches it once and returns a value. It never leaves a package. */
export class ShortRead extends Error {
  /** The offset at which the read began. */
  readonly offset: number;
  /** The number of octets that the read asked for. */
  readonly wanted: number;
  /** The number of octets left. */
  readonly left: number;

  constructor(offset: number, wanted: number, left: number) {
    super(`short read: offset ${offset}, wanted ${wanted}, left ${left}`);
    this.offset = offset;
    this.wanted = wanted;
    this.left = left;
  }
}

/** A cursor over octets in network byte order. Reads are views, not copies, and never silently short. */
export class ByteReader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#at;
  }

  /** Octets not yet read. */
  get remaining(): number {
    return this.#octets.length - this.#at;
  }

  /** Next octet. */
  u8(): number {
    return this.#octets[this.#take(1)] as number;
  }

  /** Next two octets, big endian. */
  u16(): number {
    const at = this.#take(2);
    return ((this.#octets[at] as number) << 8) | (this.#octets[at + 1] as number);
  }

  /** Next four octets, big endian, unsigned. */
  u32(): number {
    const at = this.#take(4);
    const o = this.#octets;
    return (
      (((o[at] as number) << 24) |
        ((o[at + 1] as number) << 16) |
        ((o[at + 2] as number) << 8) |
        (o[at + 3] as number)) >>>
      0
    );
  }

  /** Next eight octets, big endian, unsigned. */
  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  /** Next `length` octets as a view of the source. */
  octets(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#octets.subarray(at, at + length);
  }

  /** Everything left, as a view of the source. */
  rest(): Uint8Array {
    return this.octets(this.remaining);
  }

  /** Passes over `length` octets. */
  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const at = this.#at;
    const left = this.#octets.length - at;
    if (length < 0 || length > left) throw new ShortRead(at, length, left);
    this.#at = at + length;
    return at;
  }
}

/** Collects octets in network byte order; lengths that are known only later are reserved and patched. */
export class ByteWriter {
  #octets: Uint8Array;
  #length = 0;

  constructor(initialCapacity = 64) {
    this.#octets = new Uint8Array(initialCapacity);
  }

  /** Octets written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends one octet; higher bits are dropped. */
  u8(value: number): void {
    const at = this.#grow(1);
    this.#octets[at] = value;
  }

  /** Appends two octets, big endian. */
  u16(value: number): void {
    const at = this.#grow(2);
    this.#octets[at] = value >>> 8;
    this.#octets[at + 1] = value;
  }

  /** Appends four octets, big endian. */
  u32(value: number): void {
    const at = this.#grow(4);
    this.#octets[at] = value >>> 24;
    this.#octets[at + 1] = value >>> 16;
    this.#octets[at + 2] = value >>> 8;
    this.#octets[at + 3] = value;
  }

  /** Appends eight octets, big endian. */
  u64(value: bigint): void {
    this.u32(Number((value >> 32n) & 0xffffffffn));
    this.u32(Number(value & 0xffffffffn));
  }

  /** Appends a copy of `octets`. */
  octets(octets: Uint8Array): void {
    const at = this.#grow(octets.length);
    this.#octets.set(octets, at);
  }

  /** Leaves room for one octet and says where. */
  reserveU8(): number {
    return this.#grow(1);
  }

  /** Leaves room for two octets and says where. */
  reserveU16(): number {
    return this.#grow(2);
  }

  /** Fills an octet reserved at `position`. */
  patchU8(position: number, value: number): void {
    this.#octets[position] = value;
  }

  /** Fills two octets reserved at `position`, big endian. */
  patchU16(position: number, value: number): void {
    this.#octets[position] = value >>> 8;
    this.#octets[position + 1] = value;
  }

  /** The written octets, as a view that stays valid after the writer is dropped. */
  finish(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  #grow(by: number): number {
    const at = this.#length;
    const length = at + by;
    if (length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(length, this.#octets.length * 2));
      larger.set(this.#octets.subarray(0, at));
      this.#octets = larger;
    }
    this.#length = length;
    return at;
  }
}

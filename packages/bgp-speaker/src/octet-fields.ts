/** The two octets at `at`, big endian. The caller has checked that they are there. */
export function u16At(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

/** The four octets at `at`, big endian, unsigned. The caller has checked that they are there. */
export function u32At(octets: Uint8Array, at: number): number {
  return (
    (((octets[at] as number) << 24) |
      ((octets[at + 1] as number) << 16) |
      ((octets[at + 2] as number) << 8) |
      (octets[at + 3] as number)) >>>
    0
  );
}

/** The eight octets at `at`, big endian, unsigned. The caller has checked that they are there. */
export function u64At(octets: Uint8Array, at: number): bigint {
  return (BigInt(u32At(octets, at)) << 32n) | BigInt(u32At(octets, at + 4));
}

/** Writes two octets at `at`, big endian; higher bits are dropped. Returns the position behind them. */
export function putU16(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 8;
  out[at + 1] = value;
  return at + 2;
}

/** Writes four octets at `at`, big endian. Returns the position behind them. */
export function putU32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}

/** Writes eight octets at `at`, big endian; higher bits are dropped. Returns the position behind them. */
export function putU64(out: Uint8Array, at: number, value: bigint): number {
  at = putU32(out, at, Number((value >> 32n) & 0xffff_ffffn));
  return putU32(out, at, Number(value & 0xffff_ffffn));
}

/** Copies `octets` to `at`; nothing is copied where `out` is too short for them. Returns the position behind them. */
export function putOctets(out: Uint8Array, at: number, octets: Uint8Array): number {
  const end = at + octets.length;
  if (end <= out.length) out.set(octets, at);
  return end;
}

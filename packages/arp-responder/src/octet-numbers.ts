/** The two octets at `at` as a number. */
export function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

/** The four octets at `at` as a number without sign. */
export function u32(octets: Uint8Array, at: number): number {
  return ((u16(octets, at) << 16) | u16(octets, at + 2)) >>> 0;
}

/** The hardware address at `at` as one number, exact in 48 bits. */
export function hardwareAddressNumber(octets: Uint8Array, at: number): number {
  return u16(octets, at) * 0x1_0000_0000 + u32(octets, at + 2);
}

/** The IPv6 address at `at` as the key of a map: a text of its eight 16-bit words, made faster than the address's own text. */
export function ipv6AddressKey(octets: Uint8Array, at: number): string {
  return String.fromCharCode(
    u16(octets, at),
    u16(octets, at + 2),
    u16(octets, at + 4),
    u16(octets, at + 6),
    u16(octets, at + 8),
    u16(octets, at + 10),
    u16(octets, at + 12),
    u16(octets, at + 14),
  );
}

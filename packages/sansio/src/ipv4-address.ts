declare const ipv4: unique symbol;

/** An IPv4 address in canonical text: four decimal parts without leading zeros. */
export type Ipv4Address = string & { readonly [ipv4]: never };

/** The address whose 32 bits are `value`, an unsigned integer. */
export function ipv4FromNumber(value: number): Ipv4Address {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}` as Ipv4Address;
}

/** The 32 bits of an address as an unsigned integer. Trusts the text: an `Ipv4Address` is canonical. */
export function ipv4ToNumber(address: Ipv4Address): number {
  let value = 0;
  let part = 0;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === 0x2e) {
      value = (value << 8) | part;
      part = 0;
    } else part = part * 10 + code - 0x30;
  }
  return ((value << 8) | part) >>> 0;
}

/** The address in four octets from `offset`; the caller has checked that they are there. */
export function ipv4FromOctets(octets: Uint8Array, offset = 0): Ipv4Address {
  return `${octets[offset]}.${octets[offset + 1]}.${octets[offset + 2]}.${octets[offset + 3]}` as Ipv4Address;
}

/** The four octets of an address. */
export function ipv4ToOctets(address: Ipv4Address): Uint8Array {
  const value = ipv4ToNumber(address);
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

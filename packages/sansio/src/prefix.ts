import {
  type AddressError,
  familyOf,
  type IpAddress,
  ipAddressFromOctets,
  type IpFamily,
  octetsOf,
  parseIpAddress,
} from "./ip-address.ts";
import { err, ok, type Result } from "./result.ts";

declare const prefix: unique symbol;

/** An address block as canonical text, `192.0.2.0/24`: the host bits are zero, the address is canonical. */
export type IpPrefix = string & { readonly [prefix]: never };

/** Bits in an address of a family: 32 or 128. */
export function addressBits(family: IpFamily): 32 | 128 {
  return family === "IPv4" ? 32 : 128;
}

/** Reads `address/length`; host bits are masked off, as MetalLB does. */
export function parsePrefix(text: string): Result<IpPrefix, AddressError> {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(digits)) return err({ code: "NotAPrefix", text });
  const address = parseIpAddress(text.slice(0, slash));
  if (!address.ok) return err({ code: "NotAPrefix", text });
  const length = Number(digits);
  if (length > addressBits(familyOf(address.value))) return err({ code: "PrefixLengthOutOfRange", text });
  return ok(prefixOf(address.value, length));
}

/** The block of `length` bits that holds `address`. A length outside 0 to the family's width is a bug of the caller and throws. */
export function prefixOf(address: IpAddress, length: number): IpPrefix {
  const bits = addressBits(familyOf(address));
  if (!Number.isInteger(length) || length < 0 || length > bits)
    throw new Error(`prefix length ${length} of ${address}`);
  if (length === bits) return `${address}/${length}` as IpPrefix;
  const octets = octetsOf(address);
  maskTail(octets, length, 0);
  return `${ipAddressFromOctets(octets)}/${length}` as IpPrefix;
}

/** The first part of a prefix, which is also its lowest address. */
export function prefixAddress(value: IpPrefix): IpAddress {
  return value.slice(0, value.lastIndexOf("/")) as IpAddress;
}

/** The number of leading bits that a prefix fixes. */
export function prefixLength(value: IpPrefix): number {
  return Number(value.slice(value.lastIndexOf("/") + 1));
}

/** The family of a prefix. */
export function prefixFamily(value: IpPrefix): IpFamily {
  return value.includes(":") ? "IPv6" : "IPv4";
}

/** The lowest address of a prefix. */
export function prefixFirst(value: IpPrefix): IpAddress {
  return prefixAddress(value);
}

/** The highest address of a prefix. */
export function prefixLast(value: IpPrefix): IpAddress {
  const octets = octetsOf(prefixAddress(value));
  maskTail(octets, prefixLength(value), 0xff);
  return ipAddressFromOctets(octets);
}

/** True where `address` lies in `value`; addresses of the other family never do. */
export function prefixContains(value: IpPrefix, address: IpAddress): boolean {
  return familyOf(address) === prefixFamily(value) && prefixOf(address, prefixLength(value)) === value;
}

/** True where two prefixes share an address: one then contains the other. */
export function prefixesOverlap(a: IpPrefix, b: IpPrefix): boolean {
  return prefixLength(a) <= prefixLength(b) ? prefixContains(a, prefixAddress(b)) : prefixContains(b, prefixAddress(a));
}

/** Sets every bit behind the first `length` to those of `fill`, 0 or 0xff. */
function maskTail(octets: Uint8Array, length: number, fill: 0 | 0xff): void {
  const at = length >>> 3;
  if (at >= octets.length) return;
  const keep = (0xff << (8 - (length & 7))) & 0xff;
  octets[at] = ((octets[at] as number) & keep) | (fill & ~keep & 0xff);
  octets.fill(fill, at + 1);
}

import fc from "fast-check";
import { familyOf, type IpAddress, type IpFamily } from "../ip-address.ts";
import { type Ipv4Address, ipv4FromNumber } from "../ipv4-address.ts";
import { type Ipv6Address, ipv6FromOctets } from "../ipv6-address.ts";
import { type MacAddress, macFromOctets } from "../mac-address.ts";
import { addressBits, type IpPrefix, prefixOf } from "../prefix.ts";

/** Octet strings of `minLength` to `maxLength`. */
export function octets(
  constraints: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 64, ...constraints });
}

/** Any IPv4 address. */
export function ipv4Address(): fc.Arbitrary<Ipv4Address> {
  return fc.nat({ max: 0xffff_ffff }).map(ipv4FromNumber);
}

/** Any IPv6 address, those with runs of zeros often. */
export function ipv6Address(): fc.Arbitrary<Ipv6Address> {
  const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }));
  return fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => {
    const octetsOfGroups = groups.flatMap((value) => [value >>> 8, value & 0xff]);
    return ipv6FromOctets(Uint8Array.from(octetsOfGroups));
  });
}

/** An address of either family. */
export function ipAddress(): fc.Arbitrary<IpAddress> {
  return fc.oneof(ipv4Address(), ipv6Address());
}

/** A prefix of either family, or of the one named. */
export function ipPrefix(family?: IpFamily): fc.Arbitrary<IpPrefix> {
  const address: fc.Arbitrary<IpAddress> =
    family === undefined ? ipAddress() : family === "IPv4" ? ipv4Address() : ipv6Address();
  return address.chain((value) =>
    fc.nat({ max: addressBits(familyOf(value)) }).map((length) => prefixOf(value, length)),
  );
}

/** Any hardware address. */
export function macAddress(): fc.Arbitrary<MacAddress> {
  return fc.uint8Array({ minLength: 6, maxLength: 6 }).map((value) => macFromOctets(value));
}

import { type AddressRange, rangeBounds } from "./address-range.ts";
import { familyOf, type IpAddress, isIpv6 } from "./ip-address.ts";

/** The last octets of the IPv4 addresses that MetalLB's `avoidBuggyIPs` never assigns: some devices drop their traffic. */
export const BUGGY_LAST_OCTETS: readonly number[] = [0, 255];

/** True if the address is an IPv4 address whose last octet is one of `BUGGY_LAST_OCTETS`. */
export function isBuggyIpv4(address: IpAddress): boolean {
  return !isIpv6(address) && BUGGY_LAST_OCTETS.includes(Number(address.slice(address.lastIndexOf(".") + 1)));
}

/** The number of addresses in a range for which `isBuggyIpv4` is true. */
export function countBuggyIpv4(range: AddressRange): bigint {
  if (familyOf(range.first) === "IPv6") return 0n;
  const { start, end } = rangeBounds(range);
  return BUGGY_LAST_OCTETS.reduce((sum, octet) => {
    const upTo = (limit: bigint): bigint => (limit < octet ? 0n : (limit - BigInt(octet)) / 256n + 1n);
    return sum + upTo(end) - upTo(start - 1n);
  }, 0n);
}

import type { AddressRange } from "@herald-lb/allocator";
import {
  compareIpAddresses,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
} from "@herald-lb/sansio";

/** Whether two ranges share an address. */
export function rangesOverlap(a: AddressRange, b: AddressRange): boolean {
  if (familyOf(a.first) !== familyOf(b.first)) return false;
  return compareIpAddresses(a.first, b.last) <= 0 && compareIpAddresses(b.first, a.last) <= 0;
}

/** Whether an address is in a range. */
export function rangeContains({ first, last }: AddressRange, address: IpAddress): boolean {
  if (familyOf(first) !== familyOf(address)) return false;
  return compareIpAddresses(first, address) <= 0 && compareIpAddresses(address, last) <= 0;
}

/** What is left of a range, in order, without another that overlaps it. */
export function subtractRange(range: AddressRange, taken: AddressRange): readonly AddressRange[] {
  if (!rangesOverlap(range, taken)) return [range];
  const left: AddressRange[] = [];
  if (compareIpAddresses(range.first, taken.first) < 0) left.push({ first: range.first, last: next(taken.first, -1n) });
  if (compareIpAddresses(taken.last, range.last) < 0) left.push({ first: next(taken.last, 1n), last: range.last });
  return left;
}

function next(address: IpAddress, by: bigint): IpAddress {
  return ipAddressFromBigInt(familyOf(address), ipAddressToBigInt(address) + by);
}

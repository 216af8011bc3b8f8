export {
  type AddressRange,
  compareRanges,
  mergeRanges,
  rangeBounds,
  type RangeBounds,
  rangeContains,
  rangeOfBounds,
  rangeOfPrefix,
  rangeSize,
  rangesOverlap,
  subtractRanges,
} from "./address-range.ts";
export { BUGGY_LAST_OCTETS, countBuggyIpv4, isBuggyIpv4 } from "./buggy-ipv4.ts";
export { ByteReader, ByteWriter, ShortRead } from "./bytes.ts";
export { internetChecksum } from "./checksum.ts";
export {
  addDeadline,
  clearDeadlines,
  createDeadlineHeap,
  type DeadlineHeap,
  earliestDeadline,
  removeDeadline,
  takeDue,
} from "./deadline-heap.ts";
export { deepEqual } from "./deep-equal.ts";
export { type Clock, createDriver, type Driver, type DriverOptions } from "./driver.ts";
export {
  type AddressError,
  compareIpAddresses,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressFromOctets,
  ipAddressToBigInt,
  type IpFamily,
  isIpv6,
  isLinkLocal,
  isMulticast,
  octetsOf,
  parseIpAddress,
} from "./ip-address.ts";
export { type Ipv4Address, ipv4FromNumber, ipv4FromOctets, ipv4ToNumber, ipv4ToOctets } from "./ipv4-address.ts";
export { type Ipv6Address, ipv6FromOctets, ipv6ToOctets } from "./ipv6-address.ts";
export { BROADCAST_MAC, type MacAddress, macFromOctets, macToOctets, parseMacAddress } from "./mac-address.ts";
export { type Instant, instant, type Machine, type Step } from "./machine.ts";
export {
  addressBits,
  type IpPrefix,
  parsePrefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixFamily,
  prefixFirst,
  prefixLast,
  prefixLength,
  prefixOf,
} from "./prefix.ts";
export { RangeMap, type RangeEntry } from "./range-map.ts";
export { err, ok, type Result, unreachable } from "./result.ts";

/** An address family of RFC 4760 §3: AFI and SAFI as IANA numbers them. Compare with `sameFamily`. */
export interface Family {
  readonly afi: number;
  readonly safi: number;
}

/** IPv4 unicast, AFI 1 SAFI 1. */
export const IPV4_UNICAST: Family = { afi: 1, safi: 1 };

/** IPv6 unicast, AFI 2 SAFI 1. */
export const IPV6_UNICAST: Family = { afi: 2, safi: 1 };

/** True for the same family. */
export function sameFamily(a: Family, b: Family): boolean {
  return a.afi === b.afi && a.safi === b.safi;
}

/** True where `family` is in `families`. */
export function includesFamily(families: readonly Family[], family: Family): boolean {
  for (const each of families) if (sameFamily(each, family)) return true;
  return false;
}

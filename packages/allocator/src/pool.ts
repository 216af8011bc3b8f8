import type { IpAddress } from "@herald-lb/sansio";

/** An inclusive run of addresses of one family. */
export interface AddressRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

/** A named set of addresses to give out. Its ranges may be of both families. */
export interface Pool {
  readonly name: string;
  /** In the order written: the first range with a free address of the family serves. */
  readonly ranges: readonly AddressRange[];
  /** IPv4 addresses whose last octet is 0 or 255 are never given, not even on request. */
  readonly avoidBuggyIPs: boolean;
}

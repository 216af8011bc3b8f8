import {
  type AddressRange,
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
} from "@herald-lb/sansio";
import type { Pool } from "./index.ts";

/** The pools of the naive model: which addresses they have, and which of them they assign. */
export class NaivePools {
  pools: readonly Pool[] = [];

  /** Every address of a range, in ascending order. */
  static span({ first, last }: AddressRange): readonly IpAddress[] {
    const addresses: IpAddress[] = [];
    for (let value = ipAddressToBigInt(first); value <= ipAddressToBigInt(last); value++) {
      addresses.push(ipAddressFromBigInt(familyOf(first), value));
    }
    return addresses;
  }

  poolOf(address: IpAddress): Pool | undefined {
    return this.pools.find(({ ranges }) => ranges.some((range) => NaivePools.span(range).includes(address)));
  }

  isExcluded(address: IpAddress): boolean {
    return this.poolOf(address)?.excluded?.some((range) => NaivePools.span(range).includes(address)) ?? false;
  }

  isOccupied(address: IpAddress): boolean {
    return this.poolOf(address)?.occupied?.includes(address) ?? false;
  }

  isAvoided(address: IpAddress): boolean {
    return this.poolOf(address)?.avoidBuggyIPs === true && /^\d.*\.(0|255)$/.test(address);
  }

  usable(pool: Pool, family: IpFamily): readonly IpAddress[] {
    return pool.ranges
      .flatMap((range) => NaivePools.span(range))
      .filter((address) => familyOf(address) === family && !this.isExcluded(address) && !this.isAvoided(address));
  }

  /** The pool that assigns an address; none for an orphan. */
  givenBy(address: IpAddress): Pool | undefined {
    return this.isExcluded(address) || this.isAvoided(address) ? undefined : this.poolOf(address);
  }

  reservedFor(address: IpAddress): string | null {
    const found = this.poolOf(address)?.reservations?.find(({ addresses }) => addresses.includes(address));
    return this.isExcluded(address) || this.isAvoided(address) ? null : (found?.service ?? null);
  }
}

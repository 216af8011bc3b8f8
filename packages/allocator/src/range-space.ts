import {
  familyOf,
  type IpAddress,
  ipAddressFromBigInt,
  ipAddressToBigInt,
  type IpFamily,
  ipv4FromNumber,
  ipv4ToNumber,
  isIpv6,
} from "@herald-lb/sansio";
import type { AddressRange } from "./pool.ts";

/**
 * One range as offsets from its first address. Offsets are plain numbers: those beyond 2^53, which only a wide IPv6 range has,
 * are never given out in order, for that would take as many services.
 */
export class RangeSpace {
  readonly family: IpFamily;
  /** How many addresses the range spans. */
  readonly size: bigint;
  /** The first address as an integer: what ranges are sorted by. */
  readonly first: bigint;
  /** The last address as an integer. */
  readonly last: bigint;
  readonly #firstNumber: number;
  readonly #avoidBuggyIPs: boolean;

  constructor(range: AddressRange, avoidBuggyIPs: boolean) {
    this.family = familyOf(range.first);
    this.first = ipAddressToBigInt(range.first);
    this.last = ipAddressToBigInt(range.last);
    this.size = this.last - this.first + 1n;
    this.#firstNumber = Number(this.first);
    this.#avoidBuggyIPs = avoidBuggyIPs && this.family === "IPv4";
  }

  /** Offsets run from 0 to one less than this. */
  get end(): number {
    return this.size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(this.size);
  }

  /** The address at `offset`. */
  addressAt(offset: number): IpAddress {
    if (this.family === "IPv4") return ipv4FromNumber(this.#firstNumber + offset);
    return ipAddressFromBigInt("IPv6", this.first + BigInt(offset));
  }

  /** How far `address`, which lies in the range, is from its first one; Infinity beyond 2^53. */
  offsetOf(address: IpAddress): number {
    if (!isIpv6(address)) return ipv4ToNumber(address) - this.#firstNumber;
    const offset = ipAddressToBigInt(address) - this.first;
    return offset > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(offset);
  }

  /** Whether the address at `offset` is one that some clients refuse: last octet 0 or 255 (MetalLB's avoidBuggyIPs). */
  isAvoided(offset: number): boolean {
    if (!this.#avoidBuggyIPs) return false;
    const octet = (this.#firstNumber + offset) % 256;
    return octet === 0 || octet === 255;
  }

  /** How many addresses can be given out. */
  get usable(): bigint {
    if (!this.#avoidBuggyIPs) return this.size;
    return (
      this.size -
      (endingIn(0n, this.last) - endingIn(0n, this.first - 1n)) -
      (endingIn(255n, this.last) - endingIn(255n, this.first - 1n))
    );
  }
}

/** How many integers of 0 to `limit` are `octet` modulo 256. */
function endingIn(octet: bigint, limit: bigint): bigint {
  return limit < octet ? 0n : (limit - octet) / 256n + 1n;
}

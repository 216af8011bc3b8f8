import type { IpAddress } from "@herald-lb/sansio";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** The address of the service of this number. */
export function addressOf(at: number): IpAddress {
  return `10.0.${at >> 8}.${at & 255}` as IpAddress;
}

/** Its place among those to be spread. */
export function orderOf(at: number): string {
  return bytesToHex(sha256(utf8ToBytes(addressOf(at))));
}

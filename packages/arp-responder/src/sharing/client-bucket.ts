import type { IpAddress } from "@herald-lb/sansio";
import { u16, u32 } from "../octet-numbers.ts";
import { hashOfText, mixed } from "../text-hash.ts";

/** Buckets of one row: clients whose addresses differ in the last six bits alone. */
export const COLUMNS = 64;

/** All buckets, in rows: a node's part of thousands of clients is even to within a few hundredths. */
export const BUCKETS: number = 16 * COLUMNS;

/** The number by which a shared address goes its own way through the buckets, so that a client has not the same node for every address. */
export function saltOf(address: IpAddress): number {
  return hashOfText(address);
}

/** The bucket of a client by its IPv4 address, the 32 bits of it. */
export function bucketOfIpv4(client: number, salt: number): number {
  return bucketOf(client >>> 6, client, salt);
}

/** The bucket of a client by its IPv6 address, the 16 octets at `at`. */
export function bucketOfIpv6(octets: Uint8Array, at: number, salt: number): number {
  let before = 0;
  for (let word = at; word < at + 12; word += 4) before = mixed(before ^ u32(octets, word));
  const last = u16(octets, at + 14);
  return bucketOf(before ^ (u16(octets, at + 12) << 10) ^ (last >>> 6), last, salt);
}

/** `low` decides the column, of its last six bits; `high` the row. */
function bucketOf(high: number, low: number, salt: number): number {
  const row = mixed(high ^ salt) % (BUCKETS / COLUMNS);
  return row * COLUMNS + ((low ^ salt) & (COLUMNS - 1));
}

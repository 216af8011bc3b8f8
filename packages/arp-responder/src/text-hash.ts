import { utf8ToBytes } from "@noble/hashes/utils.js";

/** A number of 32 bits that looks random and is the same for the same text: FNV-1a, mixed. For what no adversary gains by choosing. */
export function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (const octet of utf8ToBytes(text)) hash = Math.imul(hash ^ octet, 0x01000193);
  return mixed(hash);
}

/** A number of 32 bits, every bit of which depends on every bit of the other: the finalizer of MurmurHash3. */
export function mixed(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

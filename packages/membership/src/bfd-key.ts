import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** The octets of a key for SHA1, RFC 5880 §4.4. */
const LENGTH = 20;

/** The key of the BFD sessions between members, made of a memberlist key: HKDF-SHA256 (RFC 5869), so that neither key tells the other. */
export function bfdKey(memberlistKey: Uint8Array): Uint8Array {
  return hkdf(sha256, memberlistKey, undefined, utf8ToBytes("herald bfd"), LENGTH);
}

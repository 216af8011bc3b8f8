import { md5, sha1 } from "@noble/hashes/legacy.js";
import { DIGEST_LENGTH, type DigestType } from "./authentication-section.ts";
import { CONTROL_PACKET_LENGTH } from "./control-packet.ts";

/** The offset of the digest in a packet, RFC 5880 §4.3 and §4.4. */
const DIGEST_AT = CONTROL_PACKET_LENGTH + 8;

/** The digest of a packet, RFC 5880 §6.7.3 and §6.7.4: its hash with the key, padded by zeros, in the place of the digest. Longer keys are cut. */
export function digestOf(type: DigestType, packet: Uint8Array, secret: Uint8Array): Uint8Array {
  const length = DIGEST_LENGTH[type];
  // `slice` of a Buffer of Node would be a view, and the packet be overwritten.
  const hashed = new Uint8Array(packet);
  hashed.fill(0, DIGEST_AT, DIGEST_AT + length);
  hashed.set(secret.subarray(0, length), DIGEST_AT);
  return length === 16 ? md5(hashed) : sha1(hashed);
}

/** Puts its digest into a packet. */
export function sealPacket(type: DigestType, packet: Uint8Array, secret: Uint8Array): void {
  packet.set(digestOf(type, packet, secret), DIGEST_AT);
}

/** True for octets that are equal; the time does not tell at which octet they differ. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= (a[at] as number) ^ (b[at] as number);
  return difference === 0;
}

import { err, ok, type Result } from "@herald-lb/sansio";
import type { Cipher } from "../cipher.ts";
import type { Keyring } from "../keyring.ts";
import type { WireError } from "./wire-error.ts";

const NONCE = 12;
const TAG = 16;
const BLOCK = 16;

/** Framings of an encrypted payload: 0 pads the plaintext to whole blocks, 1 leaves it as it is. */
export type EncryptionVersion = 0 | 1;

/** By how many octets a payload grows at most. */
export function encryptionOverhead(version: EncryptionVersion): number {
  return 1 + NONCE + TAG + (version === 0 ? BLOCK : 0);
}

/** Encrypts `plaintext` with a nonce of 12 octets that was never used with this key. */
export function sealPayload(
  cipher: Cipher,
  version: EncryptionVersion,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const sealed = cipher.seal(key, nonce, version === 0 ? pad(plaintext) : plaintext, associated);
  const payload = new Uint8Array(1 + NONCE + sealed.length);
  payload[0] = version;
  payload.set(nonce, 1);
  payload.set(sealed, 1 + NONCE);
  return payload;
}

/** Decrypts a payload with the first key that fits. */
export function openPayload(
  cipher: Cipher,
  keyring: Keyring,
  payload: Uint8Array,
  associated: Uint8Array,
): Result<Uint8Array, WireError> {
  const version = payload[0];
  if ((version !== 0 && version !== 1) || payload.length < 1 + NONCE + TAG) return err({ code: "Undecryptable" });
  const nonce = payload.subarray(1, 1 + NONCE);
  const sealed = payload.subarray(1 + NONCE);
  for (const key of keyring) {
    const plaintext = cipher.open(key, nonce, sealed, associated);
    if (plaintext === null) continue;
    const unpadded = version === 0 ? unpad(plaintext) : plaintext;
    return unpadded === null ? err({ code: "Undecryptable" }) : ok(unpadded);
  }
  return err({ code: "Undecryptable" });
}

/** PKCS #7, RFC 5652 §6.3: always 1 to 16 octets, each the count. */
function pad(plaintext: Uint8Array): Uint8Array {
  const added = BLOCK - (plaintext.length % BLOCK);
  const padded = new Uint8Array(plaintext.length + added).fill(added);
  padded.set(plaintext);
  return padded;
}

function unpad(padded: Uint8Array): Uint8Array | null {
  const added = padded.at(-1);
  if (added === undefined || added < 1 || added > BLOCK || added > padded.length) return null;
  return padded.subarray(0, padded.length - added);
}

import { sha256 } from "@noble/hashes/sha2.js";

/**
 * The AES-256 key that MetalLB makes of the secret of its `memberlist` Secret (`ML_SECRET_KEY`, as it stands, untrimmed). Its
 * `sha256.New().Sum(secret)[:32]` hashes nothing: the hash of no octets is appended to the secret and 32 octets are kept.
 */
export function metallbKey(secret: Uint8Array): Uint8Array {
  const key = new Uint8Array(32);
  key.set(secret.subarray(0, 32));
  if (secret.length < 32) key.set(sha256(new Uint8Array()).subarray(0, 32 - secret.length), secret.length);
  return key;
}

import { gcm } from "@noble/ciphers/aes.js";

/** AES-GCM with a nonce of 12 octets and a tag of 16; the key's length (16, 24 or 32) chooses the AES. */
export interface Cipher {
  /** Ciphertext followed by the tag. */
  readonly seal: (key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array) => Uint8Array;
  /** The plaintext, or null where the tag does not fit. `sealed` has at least 16 octets. */
  readonly open: (key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array) => Uint8Array | null;
}

/** The cipher in plain TypeScript; a host may pass one that the machine's own instructions make faster. */
export const nobleCipher: Cipher = {
  seal: (key, nonce, plaintext, associated) => gcm(key, nonce, associated).encrypt(plaintext),
  open: (key, nonce, sealed, associated) => {
    try {
      return gcm(key, nonce, associated).decrypt(sealed);
    } catch {
      // The only way the library says "wrong tag"; the lengths were checked before.
      return null;
    }
  },
};

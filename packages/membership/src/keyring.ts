import { err, ok, type Result } from "@herald-lb/sansio";

/** The keys of a cluster: the first seals, all are tried to open. Each has 16, 24 or 32 octets; empty means no encryption. */
export type Keyring = readonly Uint8Array[];

/** Why a change of keys is refused. */
export type KeyringError =
  | { readonly code: "BadKeyLength"; readonly length: number }
  | { readonly code: "UnknownKey" }
  | { readonly code: "PrimaryKey" };

/** A keyring of these keys, the first being primary; a key listed twice counts once. */
export function createKeyring(keys: readonly Uint8Array[]): Result<Keyring, KeyringError> {
  let keyring: Keyring = [];
  for (const key of keys) {
    const added = addKey(keyring, key);
    if (!added.ok) return added;
    keyring = added.value;
  }
  return ok(keyring);
}

/** Adds a key that opens; the primary key stays. */
export function addKey(keyring: Keyring, key: Uint8Array): Result<Keyring, KeyringError> {
  if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
    return err({ code: "BadKeyLength", length: key.length });
  }
  return ok(keyring.some((known) => same(known, key)) ? keyring : [...keyring, key]);
}

/** Makes a key that the cluster holds the one that seals. */
export function useKey(keyring: Keyring, key: Uint8Array): Result<Keyring, KeyringError> {
  const known = keyring.find((candidate) => same(candidate, key));
  if (known === undefined) return err({ code: "UnknownKey" });
  return ok([known, ...keyring.filter((candidate) => candidate !== known)]);
}

/** Takes a key away; the primary key cannot go. */
export function removeKey(keyring: Keyring, key: Uint8Array): Result<Keyring, KeyringError> {
  const at = keyring.findIndex((candidate) => same(candidate, key));
  if (at === 0) return err({ code: "PrimaryKey" });
  return ok(at < 0 ? keyring : keyring.toSpliced(at, 1));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

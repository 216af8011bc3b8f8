import type { Secret } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";

/** The reason why a Secret cannot be used. */
export type SecretError = "not found" | "wrong type" | "no such key" | "not base64 text";

/** The password in a Secret of type `kubernetes.io/basic-auth`. */
export function basicAuthPassword(secret: Secret | undefined): Result<string, SecretError> {
  if (secret === undefined) return err("not found");
  if (secret.type !== "kubernetes.io/basic-auth") return err("wrong type");
  return secretText(secret, "password");
}

function secretText(secret: Secret, key: string): Result<string, SecretError> {
  const encoded = secret.data?.[key];
  if (encoded === undefined) return err("no such key");
  try {
    const octets = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets));
  } catch {
    return err("not base64 text");
  }
}

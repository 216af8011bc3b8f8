import { hostname } from "node:os";
import type { KeyPair } from "./certificate-request.ts";
import { makeCertificate } from "./certificates.ts";
import type { TlsSettings } from "./tls-settings.ts";

const DAY = 86_400_000;
/** The lifetime of a certificate, and the time before its end at which another replaces it, in milliseconds. */
const LIFETIME = 365 * DAY;
const RENEWAL = 30 * DAY;

/**
 * Creates a source of a self-signed certificate, for clients that do not verify it. It is made on first use; its key is of the type that
 * the ciphers need. `now` is the wall clock's, in milliseconds since 1970.
 */
export function selfSigned({ ciphers }: Pick<TlsSettings, "ciphers">, now: () => number): () => Promise<KeyPair> {
  let made: Promise<KeyPair> | null = null;
  let until = 0;
  return () => {
    const present = now();
    if (made === null || present > until) {
      until = present + LIFETIME - RENEWAL;
      made = makeCertificate({
        subject: "CN=herald",
        // For clients whose clock is behind ours.
        notBefore: new Date(present - DAY),
        notAfter: new Date(present + LIFETIME),
        dnsNames: [hostname(), "localhost"],
        ipAddresses: ["127.0.0.1", "::1"],
        authority: false,
        keyType: ciphers !== null && !ciphers.includes("ECDSA") ? "RSA" : "EC",
      });
      made.catch(() => {
        made = null;
      });
    }
    return made;
  };
}

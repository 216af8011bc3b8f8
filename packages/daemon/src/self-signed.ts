import { hostname } from "node:os";
import type { KeyPair } from "./certificate-request.ts";
import { makeCertificate } from "./certificates.ts";
import type { TlsSettings } from "./tls-settings.ts";

const DAY = 86_400_000;
/** How long it holds, and how long before its end another takes its place, in milliseconds. */
const LIFETIME = 365 * DAY;
const RENEWAL = 30 * DAY;

/**
 * A certificate for clients that do not look at it closely: signed by itself, made when it is first asked for. Its key is of the kind that
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
        // Clocks that are behind ours take it too.
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

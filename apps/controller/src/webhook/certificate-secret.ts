import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { KeyPair } from "@herald-lb/daemon";
import type { CertificateFacts, CertificateState } from "./certificate-plan.ts";

/** Certificates and keys as PEM, as the Secret has them under the names that MetalLB gives them. */
export interface CertificateSecretData {
  readonly "ca.crt": string;
  readonly "ca.key": string;
  readonly "tls.crt": string;
  readonly "tls.key": string;
}

/** What the Secret holds: what may be done with it, and how it is judged. */
export interface CertificateSecret {
  readonly state: CertificateState;
  /** The PEM of each authority by its fingerprint, in the order they are trusted. */
  readonly authorities: ReadonlyMap<string, string>;
  /** Who vouches for more; null where its key is not there. */
  readonly signer: KeyPair | null;
  /** What to serve; null where there is nothing that could be. */
  readonly serving: KeyPair | null;
}

/** Reads the `data` of the Secret, base64 as in JSON. Garbage is passed over, whatever it is. `name` is the Service's, in DNS. */
export function readCertificateSecret(
  data: Readonly<Record<string, unknown>> | undefined,
  name: string,
): CertificateSecret {
  const text = (key: keyof CertificateSecretData): string => {
    const value = data?.[key];
    return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : "";
  };
  const trusted = certificatesOf(text("ca.crt")).filter(({ ca }) => ca);
  const signer = signerOf(trusted, text("ca.key"));
  const serving = pairOf(text("tls.crt"), text("tls.key"));
  return {
    state: {
      authorities: trusted.map(factsOf),
      signer: signer?.certificate.fingerprint256 ?? null,
      serving:
        serving === null
          ? null
          : {
              ...factsOf(serving.certificate),
              named: serving.certificate.checkHost(name) !== undefined,
              issuer: issuerOf(serving.certificate, trusted),
            },
    },
    authorities: new Map(trusted.map((certificate) => [certificate.fingerprint256, certificate.toString()])),
    signer: signer === null ? null : { cert: signer.certificate.toString(), key: text("ca.key") },
    serving: serving === null ? null : { cert: text("tls.crt"), key: text("tls.key") },
  };
}

/** The fingerprints of the certificates in a `caBundle`, which is base64 of PEM. */
export function fingerprintsOf(caBundle: string): readonly string[] {
  return certificatesOf(Buffer.from(caBundle, "base64").toString("utf8")).map(({ fingerprint256 }) => fingerprint256);
}

function certificatesOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => attempt(() => new X509Certificate(block)) ?? []);
}

/** Only a key on P-256, as ours are, is signed with; one of another kind is let run out. */
function signerOf(trusted: readonly X509Certificate[], pem: string): { readonly certificate: X509Certificate } | null {
  const key = attempt(() => createPrivateKey(pem));
  if (key === null || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return null;
  const certificate = trusted.find((candidate) => candidate.checkPrivateKey(key));
  return certificate === undefined ? null : { certificate };
}

function pairOf(cert: string, pem: string): { readonly certificate: X509Certificate; readonly key: KeyObject } | null {
  const [certificate] = certificatesOf(cert);
  const key = attempt(() => createPrivateKey(pem));
  if (certificate === undefined || key === null || !certificate.checkPrivateKey(key)) return null;
  return { certificate, key };
}

function issuerOf(certificate: X509Certificate, trusted: readonly X509Certificate[]): string | null {
  const vouches = (candidate: X509Certificate): boolean =>
    certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey);
  return trusted.find((candidate) => attempt(() => vouches(candidate)) === true)?.fingerprint256 ?? null;
}

function factsOf({ fingerprint256, validFromDate, validToDate }: X509Certificate): CertificateFacts {
  return { fingerprint: fingerprint256, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

/** OpenSSL throws for what it cannot read, which others wrote. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

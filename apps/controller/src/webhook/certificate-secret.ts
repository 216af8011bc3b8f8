import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { KeyPair } from "@herald-lb/daemon";
import type { CertificateFacts, CertificateState } from "./certificate-plan.ts";

/** The data of the Secret: certificates and keys as PEM, under MetalLB's names. */
export interface CertificateSecretData {
  readonly "ca.crt": string;
  readonly "ca.key": string;
  readonly "tls.crt": string;
  readonly "tls.key": string;
}

/** The contents of the Secret, with the facts that a plan needs. */
export interface CertificateSecret {
  readonly state: CertificateState;
  /** The PEM of each authority by its fingerprint, in the order of the Secret. */
  readonly authorities: ReadonlyMap<string, string>;
  /** The authority that can sign; null where no key of an authority is there. */
  readonly signer: KeyPair | null;
  /** The certificate and key to serve; null where they are missing or do not match. */
  readonly serving: KeyPair | null;
}

/** Reads the `data` of the Secret, base64 as in JSON. A malformed part counts as absent. `name` is the DNS name of the Service. */
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

/** Finds the authority of the key. Only a key on P-256, as ours are, signs; an authority with another key is kept until it expires. */
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
  const hasSigned = (candidate: X509Certificate): boolean =>
    certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey);
  return trusted.find((candidate) => attempt(() => hasSigned(candidate)) === true)?.fingerprint256 ?? null;
}

function factsOf({ fingerprint256, validFromDate, validToDate }: X509Certificate): CertificateFacts {
  return { fingerprint: fingerprint256, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

/** Returns null where OpenSSL throws: others may have written what it cannot read. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

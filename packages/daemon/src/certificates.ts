import type { CertificateRequest, KeyPair } from "./certificate-request.ts";

/**
 * Makes a key and a certificate for it, signed by itself or by `issuer`, whose key must be on P-256. The library is loaded by the first
 * call: a process that makes no certificate spends no memory on it.
 */
export async function makeCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair> {
  const { signCertificate } = await import("./sign-certificate.ts");
  return signCertificate(request, issuer);
}

// The library needs this import before its own.
import "reflect-metadata";
import { createPrivateKey, type KeyObject, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CertificateRequest, KeyPair } from "./certificate-request.ts";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
} as const;

/** Does the work of `makeCertificate`. Importing this file loads the library: only that function imports it, when it is called. */
export async function signCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair> {
  x509.cryptoProvider.set(crypto);
  const algorithm = request.keyType === "RSA" ? RSA : EC;
  const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const above = issuer === undefined ? undefined : new x509.X509Certificate(issuer.cert);
  const common = {
    serialNumber: serialNumber(),
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    extensions: [
      ...extensionsOf(request),
      // Two authorities of one name, an old one and its successor, are told apart by these.
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(above?.publicKey ?? keys.publicKey),
    ],
  };
  const certificate =
    issuer === undefined || above === undefined
      ? await x509.X509CertificateGenerator.createSelfSigned({
          ...common,
          name: request.subject,
          keys,
          signingAlgorithm: algorithm,
        })
      : await x509.X509CertificateGenerator.create({
          ...common,
          subject: request.subject,
          issuer: above.subject,
          publicKey: keys.publicKey,
          signingKey: await signingKey(createPrivateKey(issuer.key)),
          signingAlgorithm: EC,
        });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
      .export({ type: "pkcs8", format: "pem" })
      .toString(),
  };
}

function extensionsOf({ authority, dnsNames, ipAddresses = [] }: CertificateRequest): x509.Extension[] {
  const { keyCertSign, digitalSignature } = x509.KeyUsageFlags;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(authority, undefined, true),
    new x509.KeyUsagesExtension(authority ? keyCertSign : digitalSignature, true),
  ];
  if (!authority) extensions.push(new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]));
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names));
  return extensions;
}

function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), EC, false, ["sign"]);
}

/** 127 random bits: positive and of the length that RFC 5280 §4.1.2.2 allows. */
function serialNumber(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(octets).toString("hex");
}

import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeCertificate } from "./certificates.ts";

const span = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2036-01-01T00:00:00Z") };

describe("makeCertificate", () => {
  it("makes an authority and a server's certificate that it signs", async () => {
    const authority = await makeCertificate({ ...span, subject: "CN=herald", dnsNames: [], authority: true });
    const server = await makeCertificate(
      { ...span, subject: "CN=a.b.svc", dnsNames: ["a.b.svc"], ipAddresses: ["192.0.2.1"], authority: false },
      authority,
    );
    const above = new X509Certificate(authority.cert);
    const below = new X509Certificate(server.cert);
    expect(above.ca).toBe(true);
    expect(above.verify(above.publicKey)).toBe(true);
    expect(below.ca).toBe(false);
    expect(below.checkIssued(above)).toBe(true);
    expect(below.verify(above.publicKey)).toBe(true);
    expect(below.subjectAltName).toBe("DNS:a.b.svc, IP Address:192.0.2.1");
    expect(below.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
    expect(new Date(below.validTo)).toEqual(span.notAfter);
    expect(below.serialNumber).not.toBe(above.serialNumber);
  });

  it("makes one that is signed by itself, with an RSA key where that is wanted", async () => {
    const made = await makeCertificate({
      ...span,
      subject: "CN=x",
      dnsNames: ["x"],
      authority: false,
      keyType: "RSA",
    });
    const certificate = new X509Certificate(made.cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyType).toBe("rsa");
  });
});

import { generateKeyPairSync } from "node:crypto";
import { type KeyPair, makeCertificate } from "@herald-lb/daemon";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { fingerprintsOf, readCertificateSecret } from "./certificate-secret.ts";

const NAME = "metallb-webhook-service.metallb-system.svc";
const span = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2026-04-01T00:00:00Z") };
const authority = (): Promise<KeyPair> => makeCertificate({ ...span, subject: "CN=ca", dnsNames: [], authority: true });
const leaf = (issuer: KeyPair, name = NAME): Promise<KeyPair> =>
  makeCertificate({ ...span, subject: `CN=${name}`, dnsNames: [name], authority: false }, issuer);

function data(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}

describe("readCertificateSecret", () => {
  let one: KeyPair;
  let two: KeyPair;
  let byOne: KeyPair;

  beforeAll(async () => {
    [one, two] = [await authority(), await authority()];
    byOne = await leaf(one);
  });

  const read = (files: Readonly<Record<string, string>>): ReturnType<typeof readCertificateSecret> =>
    readCertificateSecret(data(files), NAME);

  it("reads what we write: a bundle, the key of its first, and the certificate that it signed", () => {
    const secret = read({
      "ca.crt": two.cert + one.cert,
      "ca.key": two.key,
      "tls.crt": byOne.cert,
      "tls.key": byOne.key,
    });
    const [second, first] = secret.state.authorities.map(({ fingerprint }) => fingerprint);
    expect(secret.state.signer).toBe(second);
    expect(secret.state.serving).toMatchObject({
      named: true,
      issuer: first,
      notBefore: span.notBefore.getTime(),
      notAfter: span.notAfter.getTime(),
    });
    expect([...secret.authorities.values()].map((pem) => pem.trim())).toEqual([two.cert.trim(), one.cert.trim()]);
    expect(secret.serving).toEqual(byOne);
    expect(secret.signer?.key).toBe(two.key);
  });

  it.each([
    {
      name: "another name",
      files: async () => ({ ...(await pair(leaf(one, "other.svc"))) }),
      serving: { named: false },
    },
    {
      name: "a certificate by an unknown authority",
      files: () => pair(leaf(two)),
      serving: { named: true, issuer: null },
    },
    { name: "the key of another", files: async () => ({ "tls.crt": byOne.cert, "tls.key": one.key }), serving: null },
    { name: "no key", files: async () => ({ "tls.crt": byOne.cert }), serving: null },
    {
      name: "garbage",
      files: async () => ({
        "tls.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "tls.key": "x",
      }),
      serving: null,
    },
  ])("certificate with $name", async ({ files, serving }) => {
    const secret = read({ "ca.crt": one.cert, "ca.key": one.key, ...(await files()) });
    if (serving === null) expect(secret.state.serving).toBeNull();
    else expect(secret.state.serving).toMatchObject(serving);
    expect(secret.serving === null).toBe(serving === null);
    expect(secret.state.signer).not.toBeNull();
  });

  it("does not sign with a key that is not of ours, and takes no server's certificate for an authority", async () => {
    const rsa = await makeCertificate({ ...span, subject: "CN=rsa", dnsNames: [], authority: true, keyType: "RSA" });
    expect(read({ "ca.crt": rsa.cert, "ca.key": rsa.key }).state).toMatchObject({ authorities: [{}], signer: null });
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(read({ "ca.crt": one.cert, "ca.key": key }).state.signer).toBeNull();
    expect(read({ "ca.crt": byOne.cert, "ca.key": byOne.key }).state.authorities).toEqual([]);
  });

  it("passes over whatever else is there", () => {
    const nothing = { authorities: [], signer: null, serving: null };
    expect(readCertificateSecret(undefined, NAME).state).toEqual(nothing);
    const key = fc.constantFrom("ca.crt", "ca.key", "tls.crt", "tls.key");
    const pem = fc.base64String().map((text) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    fc.assert(
      fc.property(
        fc.dictionary(
          key,
          fc.oneof(
            fc.jsonValue(),
            pem.map((text) => Buffer.from(text).toString("base64")),
          ),
        ),
        (junk) => {
          expect(readCertificateSecret(junk, NAME).state).toEqual(nothing);
        },
      ),
    );
  });
});

describe("fingerprintsOf", () => {
  it("names each certificate of a bundle, and nothing of garbage", async () => {
    const { cert } = await authority();
    expect(fingerprintsOf(Buffer.from(cert + cert).toString("base64"))).toHaveLength(2);
    expect(fingerprintsOf("Cg==")).toEqual([]);
    expect(fingerprintsOf("")).toEqual([]);
  });
});

async function pair(made: Promise<KeyPair>): Promise<Record<string, string>> {
  const { cert, key } = await made;
  return { "tls.crt": cert, "tls.key": key };
}

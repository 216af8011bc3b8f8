import { createSecureContext } from "node:tls";
import { describe, expect, it } from "vitest";
import { describeFlagError } from "./flags.ts";
import { readTlsSettings } from "./tls-settings.ts";

function read(flags: Readonly<Record<string, string>>): unknown {
  const settings = readTlsSettings({ text: (name) => flags[name] ?? "" });
  return settings.ok ? settings.value : settings.error.map(describeFlagError);
}

describe("readTlsSettings", () => {
  it.each([
    { name: "nothing: 1.3", flags: {}, settings: { minVersion: "TLSv1.3", ciphers: null, ecdhCurve: null } },
    {
      name: "1.2 with suites, of which one is of 1.3 and one comes under both of its names",
      flags: {
        "tls-min-version": "VersionTLS12",
        "tls-cipher-suites":
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      },
      settings: {
        minVersion: "TLSv1.2",
        ciphers: "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305",
        ecdhCurve: null,
      },
    },
    {
      name: "curves in their order",
      flags: { "tls-curve-preferences": "4588, 29,23" },
      settings: { minVersion: "TLSv1.3", ciphers: null, ecdhCurve: "X25519MLKEM768:X25519:P-256" },
    },
  ])("$name", ({ flags, settings }) => {
    expect(read(flags)).toEqual(settings);
  });

  it.each([
    {
      name: "a version that nobody should speak",
      flags: { "tls-min-version": "VersionTLS10" },
      error: 'flag --tls-min-version: "VersionTLS10": must be VersionTLS12 or VersionTLS13',
    },
    {
      name: "a version called as an inherited field",
      flags: { "tls-min-version": "constructor" },
      error: 'flag --tls-min-version: "constructor": must be VersionTLS12 or VersionTLS13',
    },
    {
      name: "suites with the default version",
      flags: { "tls-cipher-suites": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" },
      error:
        'flag --tls-cipher-suites: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": TLS 1.3 has fixed cipher suites; leave the flag empty, or set --tls-min-version=VersionTLS12',
    },
    {
      name: "an unknown suite",
      flags: { "tls-min-version": "VersionTLS12", "tls-cipher-suites": "TLS_RSA_WITH_RC4_128_SHA" },
      error:
        'flag --tls-cipher-suites: "TLS_RSA_WITH_RC4_128_SHA": unknown or insecure cipher suites: TLS_RSA_WITH_RC4_128_SHA',
    },
    { name: "a curve by name", curves: "P-256", because: '"P-256" is not the number of a curve' },
    { name: "an empty curve", curves: "23,", because: '"" is not the number of a curve' },
    { name: "curve 0", curves: "0", because: "curve 0 is out of range, 1 to 65535" },
    { name: "a curve beyond 16 bits", curves: "65536", because: "curve 65536 is out of range, 1 to 65535" },
    { name: "a curve that nobody knows", curves: "65535", because: "curve 65535 is not supported" },
    { name: "a curve twice", curves: "23,29,23", because: "curve 23 appears twice" },
    { name: "a curve twice in other digits", curves: "23,023", because: "curve 023 appears twice" },
  ])("$name is refused", ({ flags, curves, error, because }) => {
    expect(read(flags ?? { "tls-curve-preferences": curves })).toEqual([
      error ?? `flag --tls-curve-preferences: "${curves}": ${because}`,
    ]);
  });

  it("tells everything at once", () => {
    const errors = read({
      "tls-min-version": "1.3",
      "tls-cipher-suites": "AES",
      "tls-curve-preferences": "x",
    }) as readonly string[];
    expect(errors).toHaveLength(3);
  });

  it("knows no name that OpenSSL does not", () => {
    const suites =
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,TLS_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_AES_128_CBC_SHA256,TLS_RSA_WITH_AES_256_CBC_SHA";
    for (const suite of suites.split(",")) {
      const { ciphers } = read({ "tls-min-version": "VersionTLS12", "tls-cipher-suites": suite }) as {
        readonly ciphers: string;
      };
      expect(() => createSecureContext({ ciphers })).not.toThrow();
    }
    for (const curve of ["23", "24", "25", "29", "4587", "4588", "4589"]) {
      expect(read({ "tls-curve-preferences": curve })).toMatchObject({ minVersion: "TLSv1.3" });
    }
  });
});

import { err, ok, type Result } from "@herald-lb/sansio";
import type { FlagError, FlagValues } from "./flags.ts";

/** The TLS settings of a server; null leaves a setting to OpenSSL. */
export interface TlsSettings {
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** The cipher suites of TLS 1.2, in OpenSSL's names and syntax; those of TLS 1.3 cannot be chosen. */
  readonly ciphers: string | null;
  /** The groups for the key exchange, in OpenSSL's names and syntax. */
  readonly ecdhCurve: string | null;
}

/** Kubernetes' names of TLS versions; MetalLB uses 1.3 without a name. */
const VERSIONS: Readonly<Record<string, TlsSettings["minVersion"]>> = {
  "": "TLSv1.3",
  VersionTLS12: "TLSv1.2",
  VersionTLS13: "TLSv1.3",
};

/** The numbers of RFC 8446 §4.2.7 and their successors, as far as OpenSSL and Go both know them. */
const CURVES: Readonly<Record<number, string>> = {
  23: "P-256",
  24: "P-384",
  25: "P-521",
  29: "X25519",
  4587: "SecP256r1MLKEM768",
  4588: "X25519MLKEM768",
  4589: "SecP384r1MLKEM1024",
};

/** OpenSSL's name for each IANA name, which Go and Kubernetes use. Empty for a suite of TLS 1.3: these are always on. */
const CIPHERS: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: "",
  TLS_AES_256_GCM_SHA384: "",
  TLS_CHACHA20_POLY1305_SHA256: "",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: "ECDHE-ECDSA-AES128-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: "ECDHE-RSA-AES128-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_128_CBC_SHA256: "AES128-SHA256",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
};

/**
 * Reads the flags `tls-min-version` (`VersionTLS12`, `VersionTLS13`), `tls-cipher-suites` (names, comma-separated) and
 * `tls-curve-preferences` (numbers, comma-separated) with MetalLB's meanings. All errors are returned.
 */
export function readTlsSettings(flags: Pick<FlagValues, "text">): Result<TlsSettings, readonly FlagError[]> {
  const errors: FlagError[] = [];
  const refuse = (flag: string, because: string): void =>
    void errors.push({ code: "BadValue", flag, value: flags.text(flag), because });
  const version = flags.text("tls-min-version");
  const minVersion = Object.hasOwn(VERSIONS, version) ? VERSIONS[version] : undefined;
  if (minVersion === undefined) refuse("tls-min-version", "must be VersionTLS12 or VersionTLS13");

  const suites = itemsOf(flags.text("tls-cipher-suites"));
  const unknown = suites.filter((name) => !Object.hasOwn(CIPHERS, name));
  if (unknown.length > 0) refuse("tls-cipher-suites", `unknown or insecure cipher suites: ${unknown.join(", ")}`);
  if (suites.length > 0 && minVersion === "TLSv1.3")
    refuse(
      "tls-cipher-suites",
      "TLS 1.3 has fixed cipher suites; leave the flag empty, or set --tls-min-version=VersionTLS12",
    );
  const ciphers = [...new Set(suites.map((name) => CIPHERS[name] ?? "").filter((name) => name !== ""))];

  const curves = itemsOf(flags.text("tls-curve-preferences"));
  const fault = curveFault(curves);
  if (fault !== null) refuse("tls-curve-preferences", fault);

  if (errors.length > 0 || minVersion === undefined) return err(errors);
  return ok({
    minVersion,
    ciphers: ciphers.length === 0 ? null : ciphers.join(":"),
    ecdhCurve: curves.length === 0 ? null : curves.map((id) => CURVES[Number(id)]).join(":"),
  });
}

function itemsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}

function curveFault(ids: readonly string[]): string | null {
  for (const [at, id] of ids.entries()) {
    if (!/^\d+$/.test(id)) return `${JSON.stringify(id)} is not the number of a curve`;
    if (Number(id) < 1 || Number(id) > 0xffff) return `curve ${id} is out of range, 1 to 65535`;
    if (!Object.hasOwn(CURVES, Number(id))) return `curve ${id} is not supported`;
    if (ids.findIndex((other) => Number(other) === Number(id)) < at) return `curve ${id} appears twice`;
  }
  return null;
}

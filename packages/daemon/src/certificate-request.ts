/** A certificate, followed by the certificates of its issuers, and its key; all PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** The contents of a certificate that is to be made. */
export interface CertificateRequest {
  /** `CN=herald`, in RFC 4514's syntax. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The names of a server; empty for an authority. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** True for an authority, which signs other certificates. */
  readonly authority: boolean;
  /** EC on P-256 by default; RSA of 2048 bits for clients that accept nothing else. */
  readonly keyType?: "EC" | "RSA";
}

/** A certificate, with those that vouch for it behind it, and its key; all PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is made for. */
export interface CertificateRequest {
  /** `CN=herald`, in RFC 4514's syntax. */
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Names that a server is reached by; an authority has none. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** True for one that vouches for others. */
  readonly authority: boolean;
  /** EC on P-256 by default; RSA of 2048 bits for those who only take that. */
  readonly keyType?: "EC" | "RSA";
}

/** The facts about a certificate that a plan needs. Times are of the wall clock, in milliseconds since 1970. */
export interface CertificateFacts {
  /** Identifies the certificate. */
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The usable contents of the Secret. A part that is missing, malformed or does not match the others counts as absent. */
export interface CertificateState {
  /** The authorities that API servers are to trust. */
  readonly authorities: readonly CertificateFacts[];
  /** The fingerprint of the authority whose key is there, so that it can sign; null without one. */
  readonly signer: string | null;
  /** The certificate that replicas serve with. */
  readonly serving:
    | (CertificateFacts & {
        /** True when the certificate is for the DNS name of the Service. */
        readonly named: boolean;
        /** The fingerprint of the authority that signed it; null where none of them did. */
        readonly issuer: string | null;
      })
    | null;
}

/** The lifetimes of certificates and the intervals of rotation, in milliseconds. */
export interface CertificateLifetimes {
  readonly serving: number;
  /** The time before its end at which a certificate is replaced. */
  readonly servingRenewal: number;
  readonly authority: number;
  readonly authorityRenewal: number;
  /** The time by which a certificate is dated back, for clocks that are behind. */
  readonly backdate: number;
  /** The interval at which each replica reads the Secret. */
  readonly interval: number;
  /** The time that API servers and replicas may take to learn of a new certificate; longer than the interval. */
  readonly propagation: number;
}

/** The next change of the Secret. The authorities whose fingerprints are in `keep` stay trusted. */
export type CertificateStep =
  | { readonly type: "Keep" }
  /** Makes a new authority, and a certificate signed by it. */
  | { readonly type: "MakeBoth"; readonly because: string; readonly keep: readonly string[] }
  /** Makes a new authority to be trusted; the certificate that is served stays for now. */
  | { readonly type: "MakeAuthority"; readonly because: string; readonly keep: readonly string[] }
  /** Makes a new certificate, signed by the present signer. */
  | { readonly type: "MakeServing"; readonly because: string; readonly keep: readonly string[] }
  /** Drops all other authorities: no replica serves a certificate of theirs any more. */
  | { readonly type: "DropAuthorities"; readonly keep: readonly string[] };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Derives all lifetimes from that of a certificate, in milliseconds; at least 20 seconds. */
export function lifetimesOf(wanted: number): CertificateLifetimes {
  const serving = Math.max(20 * SECOND, wanted);
  return {
    serving,
    servingRenewal: serving / 3,
    authority: serving * 40,
    authorityRenewal: serving * 4,
    backdate: HOUR,
    interval: Math.min(30 * SECOND, Math.max(SECOND, serving / 60)),
    propagation: Math.min(2 * MINUTE, Math.max(3 * SECOND, serving / 20)),
  };
}

/**
 * Decides the next step of the rotation, so that API servers trust the authority of the certificate that is served at any moment: a new
 * authority is trusted before it signs, and an old one until nothing it signed is served. `trusted` are the authorities in the webhook
 * configuration; null without one. `now` is the wall clock's, and may be wrong.
 */
export function planCertificates(
  state: CertificateState,
  trusted: ReadonlySet<string> | null,
  now: number,
  lifetimes: CertificateLifetimes,
): CertificateStep {
  const holds = ({ notBefore, notAfter }: CertificateFacts): boolean => notBefore <= now && now < notAfter;
  const madeAt = ({ notBefore }: CertificateFacts): number => notBefore + lifetimes.backdate;
  const authorities = state.authorities.filter(holds);
  const keep = authorities.map(({ fingerprint }) => fingerprint);
  const signer = authorities.find(({ fingerprint }) => fingerprint === state.signer) ?? null;
  const authorityProblem =
    signer === null
      ? "there is no authority with a key"
      : signer.notAfter - now <= lifetimes.authorityRenewal
        ? "the authority ends soon"
        : null;

  const { serving } = state;
  const servingProblem =
    serving === null
      ? "there is no certificate"
      : !holds(serving)
        ? "the certificate is not valid now"
        : !serving.named
          ? "the certificate is for another name"
          : !authorities.some(({ fingerprint }) => fingerprint === serving.issuer)
            ? "no trusted authority has signed the certificate"
            : null;
  if (serving === null || servingProblem !== null) {
    const because = servingProblem ?? "";
    if (authorityProblem !== null) return { type: "MakeBoth", because: `${because}, and ${authorityProblem}`, keep };
    return { type: "MakeServing", because, keep };
  }

  if (signer === null || authorityProblem !== null)
    return { type: "MakeAuthority", because: authorityProblem ?? "", keep };
  const renewal =
    serving.issuer !== signer.fingerprint
      ? "another authority signs now"
      : serving.notAfter - now <= lifetimes.servingRenewal
        ? "the certificate ends soon"
        : null;
  if (renewal !== null) {
    const known = trusted === null || trusted.has(signer.fingerprint);
    return known && now - madeAt(signer) >= lifetimes.propagation
      ? { type: "MakeServing", because: renewal, keep }
      : { type: "Keep" };
  }
  if (state.authorities.length > 1 && now - madeAt(serving) >= lifetimes.propagation)
    return { type: "DropAuthorities", keep: [signer.fingerprint] };
  return { type: "Keep" };
}

/** A certificate, as far as planning goes. Times are of the wall clock, in milliseconds since 1970. */
export interface CertificateFacts {
  /** Tells it from all others. */
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What the Secret holds, as far as it can be used; what is missing, garbage or not of one another is as if it were not there. */
export interface CertificateState {
  /** Those whom API servers are to trust. */
  readonly authorities: readonly CertificateFacts[];
  /** The one of them whose key is there, so that it can vouch for more; by its fingerprint. */
  readonly signer: string | null;
  /** What replicas serve with. */
  readonly serving:
    | (CertificateFacts & {
        /** Whether it is for the Service's name. */
        readonly named: boolean;
        /** Which of the authorities vouches for it; null where none does. */
        readonly issuer: string | null;
      })
    | null;
}

/** How long things last, in milliseconds. */
export interface CertificateLifetimes {
  readonly serving: number;
  /** How long before its end a certificate is replaced. */
  readonly servingRenewal: number;
  readonly authority: number;
  readonly authorityRenewal: number;
  /** By how much a certificate is dated back, for clocks that are behind. */
  readonly backdate: number;
  /** How often each replica looks at the Secret. */
  readonly interval: number;
  /** How long API servers and replicas may take to hear of something new; longer than the interval. */
  readonly settle: number;
}

/** The next thing to do about the Secret. Those named in `keep` stay trusted, by their fingerprints. */
export type CertificateStep =
  | { readonly type: "Keep" }
  /** A new authority and at once a new certificate by it. */
  | { readonly type: "MakeBoth"; readonly because: string; readonly keep: readonly string[] }
  /** A new authority to be trusted; what is served stays for now. */
  | { readonly type: "MakeAuthority"; readonly because: string; readonly keep: readonly string[] }
  /** A new certificate by the present signer. */
  | { readonly type: "MakeServing"; readonly because: string; readonly keep: readonly string[] }
  /** Nobody serves by the others any more. */
  | { readonly type: "DropAuthorities"; readonly keep: readonly string[] };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Lifetimes in the proportions that they are meant in; `wanted` is how long a certificate lasts, 20 seconds at least. */
export function lifetimesOf(wanted: number): CertificateLifetimes {
  const serving = Math.max(20 * SECOND, wanted);
  return {
    serving,
    servingRenewal: serving / 3,
    authority: serving * 40,
    authorityRenewal: serving * 4,
    backdate: HOUR,
    interval: Math.min(30 * SECOND, Math.max(SECOND, serving / 60)),
    settle: Math.min(2 * MINUTE, Math.max(3 * SECOND, serving / 20)),
  };
}

/**
 * What to do about the certificates, one step at a time, so that at any moment what is served is vouched for by who is trusted: a new
 * authority is trusted before anything is served by it, and an old one until nothing is. `trusted` are the authorities that API servers have
 * been told of; null where there is nobody to tell. `now` is the wall clock's, and may be wrong.
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
  const authorityTrouble =
    signer === null
      ? "there is no authority with a key"
      : signer.notAfter - now <= lifetimes.authorityRenewal
        ? "the authority ends soon"
        : null;

  const { serving } = state;
  const servingTrouble =
    serving === null
      ? "there is no certificate"
      : !holds(serving)
        ? "the certificate does not hold now"
        : !serving.named
          ? "the certificate is for another name"
          : !authorities.some(({ fingerprint }) => fingerprint === serving.issuer)
            ? "nobody who is trusted vouches for the certificate"
            : null;
  if (serving === null || servingTrouble !== null) {
    const because = servingTrouble ?? "";
    if (authorityTrouble !== null) return { type: "MakeBoth", because: `${because}, and ${authorityTrouble}`, keep };
    return { type: "MakeServing", because, keep };
  }

  if (signer === null || authorityTrouble !== null)
    return { type: "MakeAuthority", because: authorityTrouble ?? "", keep };
  const renewal =
    serving.issuer !== signer.fingerprint
      ? "another authority vouches now"
      : serving.notAfter - now <= lifetimes.servingRenewal
        ? "the certificate ends soon"
        : null;
  if (renewal !== null) {
    const known = trusted === null || trusted.has(signer.fingerprint);
    return known && now - madeAt(signer) >= lifetimes.settle
      ? { type: "MakeServing", because: renewal, keep }
      : { type: "Keep" };
  }
  if (state.authorities.length > 1 && now - madeAt(serving) >= lifetimes.settle)
    return { type: "DropAuthorities", keep: [signer.fingerprint] };
  return { type: "Keep" };
}

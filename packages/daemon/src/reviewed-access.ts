import { createHash } from "node:crypto";
import type { ApiError, Transport } from "@herald-lb/k8s-glue/client";
import type { Clock, Result } from "@herald-lb/sansio";
import { err, ok } from "@herald-lb/sansio";

/** The API server's verdict on a token: `Unauthenticated` for one that it does not know, `Denied` for one without the right. */
export type Access = "Allowed" | "Denied" | "Unauthenticated";

/** The reason for a missing verdict: the request failed, or too many are under way. */
export type ReviewError = ApiError | { readonly code: "TooManyReviews"; readonly message: string };

/** The time for which a verdict is cached, in milliseconds. */
const LIFETIME: Readonly<Record<Access, number>> = { Allowed: 60_000, Denied: 10_000, Unauthenticated: 10_000 };
/** The most verdicts in the cache, and reviews under way: a client that sends new tokens for ever costs the API server no more than this. */
const CAPACITY = 256;
const CONCURRENCY = 8;
/** The longest that one review may take, in milliseconds. */
const TIMEOUT = 10_000;

interface CachedAccess {
  readonly access: Access;
  readonly until: number;
}

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks the API server for the user of a bearer token, and for the user's right to a path: a TokenReview, then a SubjectAccessReview.
 * Verdicts are cached by a digest of the token, which itself is neither kept nor logged.
 */
export class ReviewedAccess {
  readonly #transport: Pick<Transport, "request">;
  readonly #clock: Clock;
  readonly #cached = new Map<string, CachedAccess>();
  readonly #underWay = new Map<string, Promise<Result<Access, ReviewError>>>();

  constructor(transport: Pick<Transport, "request">, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Reviews the right of a token's user to do `verb` (a method in lower case) on a path. */
  async of(token: string, verb: string, path: string): Promise<Result<Access, ReviewError>> {
    const key = createHash("sha256")
      .update(JSON.stringify([verb, path, token]))
      .digest("base64");
    const known = this.#cached.get(key);
    if (known !== undefined && this.#clock.now() < known.until) return ok(known.access);
    const waiting = this.#underWay.get(key);
    if (waiting !== undefined) return waiting;
    if (this.#underWay.size >= CONCURRENCY)
      return err({ code: "TooManyReviews", message: `${CONCURRENCY} reviews are under way` });
    const asking = this.#ask(token, verb, path);
    this.#underWay.set(key, asking);
    const answer = await asking;
    this.#underWay.delete(key);
    if (answer.ok) this.#cache(key, answer.value);
    return answer;
  }

  async #ask(token: string, verb: string, path: string): Promise<Result<Access, ReviewError>> {
    const authentication = await this.#create<TokenReview>("authentication.k8s.io", "TokenReview", "tokenreviews", {
      token,
    });
    if (!authentication.ok) return authentication;
    const { authenticated, user } = authentication.value.status ?? {};
    if (authenticated !== true || user === undefined) return ok("Unauthenticated");
    const authorization = await this.#create<SubjectAccessReview>(
      "authorization.k8s.io",
      "SubjectAccessReview",
      "subjectaccessreviews",
      {
        user: user.username ?? "",
        uid: user.uid ?? "",
        groups: user.groups ?? [],
        extra: user.extra ?? {},
        nonResourceAttributes: { path, verb },
      },
    );
    if (!authorization.ok) return authorization;
    return ok(authorization.value.status?.allowed === true ? "Allowed" : "Denied");
  }

  /** Creates a review. It changes nothing on the API server, so that the POST may be sent twice. */
  #create<Review>(group: string, kind: string, plural: string, spec: object): Promise<Result<Review, ApiError>> {
    const apiVersion = `${group}/v1`;
    return this.#transport.request<Review>({
      method: "POST",
      path: `/apis/${apiVersion}/${plural}`,
      body: { apiVersion, kind, metadata: {}, spec },
      idempotent: true,
      retries: 2,
      timeout: TIMEOUT,
    });
  }

  #cache(key: string, access: Access): void {
    this.#cached.delete(key);
    // A Map keeps the order of insertion: the first entry is the oldest verdict.
    const [oldest] = this.#cached.keys();
    if (this.#cached.size >= CAPACITY && oldest !== undefined) this.#cached.delete(oldest);
    this.#cached.set(key, { access, until: this.#clock.now() + LIFETIME[access] });
  }
}

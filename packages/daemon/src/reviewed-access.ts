import { createHash } from "node:crypto";
import type { ApiError, Transport } from "@herald-lb/k8s-glue/client";
import type { Clock, Result } from "@herald-lb/sansio";
import { err, ok } from "@herald-lb/sansio";

/** What the API server says of who asks: `Unauthenticated` of a token that it does not know, `Denied` of one that may not. */
export type Access = "Allowed" | "Denied" | "Unauthenticated";

/** Why the API server was not asked, or could not be. */
export type ReviewError = ApiError | { readonly code: "TooManyReviews"; readonly message: string };

/** How long an answer is believed, in milliseconds. */
const LIFETIME: Readonly<Record<Access, number>> = { Allowed: 60_000, Denied: 10_000, Unauthenticated: 10_000 };
/** Readers remembered at once, and reviews under way at once; who sends ever new tokens costs the API server no more than this. */
const CAPACITY = 256;
const CONCURRENCY = 8;
/** For one review, in milliseconds. */
const TIMEOUT = 10_000;

interface Remembered {
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
 * Asks the API server who a bearer token is, and whether that one may use a path: a TokenReview, then a SubjectAccessReview. Answers are
 * remembered for a while by a digest of the token, which itself is neither kept nor logged.
 */
export class ReviewedAccess {
  readonly #transport: Pick<Transport, "request">;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();
  readonly #underWay = new Map<string, Promise<Result<Access, ReviewError>>>();

  constructor(transport: Pick<Transport, "request">, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Whether who holds the token may do `verb` (a method in lower case) on the path. */
  async of(token: string, verb: string, path: string): Promise<Result<Access, ReviewError>> {
    const key = createHash("sha256")
      .update(JSON.stringify([verb, path, token]))
      .digest("base64");
    const known = this.#remembered.get(key);
    if (known !== undefined && this.#clock.now() < known.until) return ok(known.access);
    const waiting = this.#underWay.get(key);
    if (waiting !== undefined) return waiting;
    if (this.#underWay.size >= CONCURRENCY)
      return err({ code: "TooManyReviews", message: `${CONCURRENCY} reviews are under way` });
    const asking = this.#ask(token, verb, path);
    this.#underWay.set(key, asking);
    const answer = await asking;
    this.#underWay.delete(key);
    if (answer.ok) this.#remember(key, answer.value);
    return answer;
  }

  async #ask(token: string, verb: string, path: string): Promise<Result<Access, ReviewError>> {
    const who = await this.#create<TokenReview>("authentication.k8s.io", "TokenReview", "tokenreviews", { token });
    if (!who.ok) return who;
    const { authenticated, user } = who.value.status ?? {};
    if (authenticated !== true || user === undefined) return ok("Unauthenticated");
    const may = await this.#create<SubjectAccessReview>(
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
    if (!may.ok) return may;
    return ok(may.value.status?.allowed === true ? "Allowed" : "Denied");
  }

  /** A review is an answer to a POST and changes nothing: it may be asked for twice. */
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

  #remember(key: string, access: Access): void {
    this.#remembered.delete(key);
    // A Map keeps the order of insertion: the first is the one asked about longest ago.
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= CAPACITY && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(key, { access, until: this.#clock.now() + LIFETIME[access] });
  }
}

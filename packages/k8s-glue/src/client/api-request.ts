/** The methods that the API server knows. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Parameters of a query; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One request. */
export interface ApiRequest {
  readonly method: Method;
  /** As `collectionPath` and `objectPath` give it. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` by default; the patch type on PATCH. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds for one attempt; the transport's `unaryTimeout` by default. */
  readonly timeout?: number;
  /** Further attempts after the first; 4 by default. */
  readonly retries?: number;
  /** True for a POST or PATCH that may be sent twice. GET, PUT and DELETE always may. */
  readonly idempotent?: boolean;
  /** Asked before every attempt: while it answers false nothing is sent and the result is `"Fenced"`. */
  readonly guard?: () => boolean;
  /** With `"Ignored"` the answer is not read, and the value is null. */
  readonly answer?: "Ignored";
}

/** One watch to open. */
export interface WatchRequest {
  readonly path: string;
  readonly query?: Query;
  /** Ends the stream; required, as nothing else does while the server is silent. */
  readonly signal: AbortSignal;
}

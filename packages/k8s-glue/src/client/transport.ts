import { type Clock, err, instant, type Result } from "@herald-lb/sansio";
import { type ApiError, type ApiErrorCode, localError } from "./api-error.ts";
import type { ApiRequest, Method, WatchRequest } from "./api-request.ts";
import type { Credentials } from "./credential-material.ts";
import { exchange, openStream } from "./exchange.ts";
import { isRetriable, retryDelay } from "./retry.ts";
import { createSessions, type Session } from "./session.ts";
import { sleep, withAnySignal, withTimeout } from "./sleep.ts";

/** The outcome of one attempt; for metrics and for counting writes. */
export interface RequestOutcome {
  readonly method: Method;
  readonly path: string;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Null on success. */
  readonly code: ApiErrorCode | null;
  /** Milliseconds from sending to the end of the answer, for a watch to its headers. */
  readonly duration: number;
}

/** Options of a transport. Times in milliseconds. */
export interface TransportOptions {
  readonly clock: Clock;
  /** In [0, 1); for jitter. */
  readonly random: () => number;
  /** `herald-controller/0.1.0 (linux/amd64)`. */
  readonly userAgent: string;
  readonly onRequest?: (outcome: RequestOutcome) => void;
  /** For one attempt of a request with an end; 30 s by default. */
  readonly unaryTimeout?: number;
  /** The time for which one reading of the credentials is used; 60 s by default. */
  readonly credentialsLifetime?: number;
}

/** The way to one API server. Share one between all informers and writers of a process. */
export interface Transport {
  /** Sends a request, and again where that is safe. Never rejects. The answer's JSON is handed on as it came, unchecked. */
  readonly request: <T = unknown>(request: ApiRequest) => Promise<Result<T, ApiError>>;
  /** Opens a watch. The stream ends when the server ends it and throws when the connection breaks; nothing is sent twice. */
  readonly watch: (request: WatchRequest) => Promise<Result<AsyncIterable<Uint8Array>, ApiError>>;
  /** Breaks everything under way. Requests made afterwards fail with `"Aborted"`. */
  readonly close: () => Promise<void>;
}

const defaultRetries = 4;

/** Makes a transport; nothing is connected or read before the first request. */
export function createTransport(credentials: Credentials, options: TransportOptions): Transport {
  const { clock, random, onRequest } = options;
  const unaryTimeout = options.unaryTimeout ?? 30_000;
  const closing = new AbortController();
  const sessions = createSessions(credentials, {
    clock,
    unaryTimeout,
    lifetime: options.credentialsLifetime ?? 60_000,
  });

  const attempt = async <T>(
    method: Method,
    path: string,
    send: (session: Session) => Promise<Result<T, ApiError>>,
  ): Promise<Result<T, ApiError>> => {
    for (let refused = false; ; refused = true) {
      const session = await sessions.current(refused);
      if (!session.ok) return session;
      const sentAt = clock.now();
      const result = await send(session.value);
      onRequest?.({
        method,
        path,
        status: result.ok ? 200 : result.error.status,
        code: result.ok ? null : result.error.code,
        duration: clock.now() - sentAt,
      });
      // The token was rotated meanwhile: read it again, once.
      if (result.ok || result.error.code !== "Unauthorized" || refused) return result;
    }
  };

  const request = <T>(wanted: ApiRequest): Promise<Result<T, ApiError>> => {
    const signals = wanted.signal === undefined ? [closing.signal] : [wanted.signal, closing.signal];
    return withAnySignal(signals, (signal) => requestUntil<T>(wanted, signal));
  };

  const requestUntil = async <T>(wanted: ApiRequest, signal: AbortSignal): Promise<Result<T, ApiError>> => {
    const { method, path } = wanted;
    const idempotent = wanted.idempotent ?? (method !== "POST" && method !== "PATCH");
    for (let attempts = 0; ; attempts++) {
      if (signal.aborted) return err(localError("Aborted", "", `${method} ${path}: aborted`));
      const result = await attempt<T>(method, path, async (session) => {
        if (wanted.guard?.() === false)
          return err(localError("Fenced", "", `${method} ${path}: not sent, the right to write has lapsed`));
        return withTimeout(clock, wanted.timeout ?? unaryTimeout, signal, (limited, timedOut) =>
          exchange<T>(session, { ...wanted, signal: limited }, options.userAgent, timedOut),
        );
      });
      if (result.ok || attempts >= (wanted.retries ?? defaultRetries) || !isRetriable(result.error, idempotent))
        return result;
      await sleep(clock, instant(clock.now() + retryDelay(result.error, attempts, random())), signal);
    }
  };

  return {
    request,
    watch: ({ path, query, signal }) => {
      const either = AbortSignal.any([signal, closing.signal]);
      if (either.aborted) return Promise.resolve(err(localError("Aborted", "", `GET ${path}: aborted`)));
      return attempt("GET", path, (session) =>
        openStream(
          session,
          { method: "GET", path, signal: either, ...(query === undefined ? {} : { query }) },
          options.userAgent,
        ),
      );
    },
    close: () => {
      closing.abort();
      sessions.close();
      return Promise.resolve();
    },
  };
}

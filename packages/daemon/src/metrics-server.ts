import type { Server } from "node:net";
import type { KeyPair } from "./certificate-request.ts";
import {
  answer,
  type HttpRequest,
  type HttpResponse,
  listenPlain,
  pathOf,
  queryOf,
  type RequestHandler,
} from "./http.ts";
import type { Logger } from "./log.ts";
import type { ReviewedAccess } from "./reviewed-access.ts";
import { serveTls } from "./tls-server.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** Produces the text of `/metrics` for one request. */
export type Exposition = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** Pages beside `/metrics` by their paths: each makes its JSON of a request's query. */
export type Pages = ReadonlyMap<string, (query: URLSearchParams) => string>;

/** The address, the text and the protection of a metrics server. */
export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly exposition: Exposition;
  /** None when absent. A reader needs the right to `get` each path by itself. */
  readonly pages?: Pages | undefined;
  readonly log: Logger;
  /** Null serves metrics by plain HTTP to every client. */
  readonly secured: {
    readonly tls: TlsSettings;
    readonly certificate: () => Promise<KeyPair | null>;
    readonly access: Pick<ReviewedAccess, "of">;
  } | null;
}

/** Serves `/metrics` in the text format of Prometheus, and other pages to those who may read them. */
export function serveMetrics({ host, port, exposition, pages, log, secured }: MetricsServerOptions): Promise<Server> {
  const handle: RequestHandler = (request, response) => {
    const page = pages?.get(pathOf(request));
    if (page === undefined && pathOf(request) !== "/metrics") {
      answer(response, 404, "not found\n");
      return;
    }
    const proceed = async (): Promise<void> =>
      page === undefined
        ? send(exposition, response)
        : answer(response, 200, page(queryOf(request)), "application/json");
    const answered = secured === null ? proceed() : ifAllowed(secured.access, request, response, log, proceed);
    answered.catch((error: unknown) => answer(response, 500, `${String(error)}\n`));
  };
  if (secured === null) return listenPlain(host, port, handle);
  return serveTls({ host, port, tls: secured.tls, certificate: secured.certificate, handle, log });
}

async function send(exposition: Exposition, response: HttpResponse): Promise<void> {
  const { contentType, text } = await exposition();
  answer(response, 200, text, contentType);
}

/**
 * Lets a request through that the API server allows, as controller-runtime's filter: 401 for a token that is missing or unknown, 403 for one
 * without the right, 500 while the API server cannot be asked.
 */
async function ifAllowed(
  access: Pick<ReviewedAccess, "of">,
  request: HttpRequest,
  response: HttpResponse,
  log: Logger,
  proceed: () => Promise<void>,
): Promise<void> {
  const token = /^bearer +(\S+)$/i.exec(request.headers.authorization?.trim() ?? "")?.[1];
  if (token === undefined) {
    answer(response, 401, "Unauthorized\n");
    return;
  }
  const reviewed = await access.of(token, (request.method ?? "GET").toLowerCase(), pathOf(request));
  if (!reviewed.ok) {
    log.error(
      { code: reviewed.error.code, error: reviewed.error.message },
      "a request for metrics was refused: the API server did not review its token",
    );
    answer(response, reviewed.error.code === "TooManyReviews" ? 503 : 500, "Authentication failed\n");
  } else if (reviewed.value === "Unauthenticated") answer(response, 401, "Unauthorized\n");
  else if (reviewed.value === "Denied") answer(response, 403, "Authorization denied\n");
  else await proceed();
}

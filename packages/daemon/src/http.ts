import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

/** A request of HTTP/1.1 or HTTP/2. */
export interface HttpRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** The response to a request. */
export interface HttpResponse {
  readonly writeHead: (status: number, headers: Readonly<Record<string, string>>) => unknown;
  readonly end: (text: string) => unknown;
}

/** Answers one request. */
export type RequestHandler = (request: HttpRequest, response: HttpResponse) => void;

/** One check of `/readyz` or `/livez`, run on every request. */
export interface HealthCheck {
  readonly name: string;
  /** Null when the check passes, else the reason why it fails. */
  readonly failure: () => string | null;
}

/** The address and the checks of a health server. */
export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** The checks of `/healthz` and `/livez`: this process can still do its work. */
  readonly live: readonly HealthCheck[];
  /** The checks of `/readyz`: this process does its work now. Asked on every request. */
  readonly ready: () => readonly HealthCheck[];
}

/** Serves `/healthz`, `/livez` and `/readyz`, with a line for each check; the status is 503 as long as one fails. */
export function serveHealth(options: HealthOptions): Promise<Server> {
  return listenPlain(options.host, options.port, (request, response) => {
    const path = pathOf(request);
    const checks =
      path === "/readyz" ? options.ready() : path === "/healthz" || path === "/livez" ? options.live : null;
    if (checks === null) {
      answer(response, 404, "not found\n");
      return;
    }
    const results = checks.map(({ name, failure }) => ({ name, failure: failure() }));
    const lines = results.map(({ name, failure }) => (failure === null ? `[+] ${name} ok` : `[-] ${name}: ${failure}`));
    const status = results.every(({ failure }) => failure === null) ? 200 : 503;
    answer(response, status, `${[...lines, status === 200 ? "ok" : "not ok"].join("\n")}\n`);
  });
}

/** The path of a request, without its query. */
export function pathOf({ url }: HttpRequest): string {
  return new URL(url ?? "/", "http://localhost").pathname;
}

/** The query of a request. */
export function queryOf({ url }: HttpRequest): URLSearchParams {
  return new URL(url ?? "/", "http://localhost").searchParams;
}

/** Sends a text as the whole response. */
export function answer(
  response: HttpResponse,
  status: number,
  text: string,
  contentType: string = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(text);
}

/** Listens without TLS; an empty host is every address of both families, as Go's ":port". */
export function listenPlain(host: string, port: number, handle: RequestHandler): Promise<Server> {
  const server = createServer(handle);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === "" ? {} : { host }) }, () => {
      server.removeListener("error", reject);
      server.unref();
      resolve(server);
    });
  });
}

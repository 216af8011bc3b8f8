import { createServer, type RequestListener, type Server } from "node:http";

/** One thing that readiness depends on, asked on every request. */
export interface Condition {
  readonly name: string;
  /** Null when it holds, else why not. */
  readonly trouble: () => string | null;
}

/** What a health server answers from. */
export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** Alive: this process can still do its work. */
  readonly live: readonly Condition[];
  /** Ready: this process does its work now; asked on every request. */
  readonly ready: () => readonly Condition[];
}

/** `/healthz`, `/livez` and `/readyz`, with a line for each condition; 503 as long as one does not hold. */
export function serveHealth(options: HealthOptions): Promise<Server> {
  return listen(options.host, options.port, (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const conditions =
      path === "/readyz" ? options.ready() : path === "/healthz" || path === "/livez" ? options.live : null;
    if (conditions === null) {
      response.writeHead(404).end("not found\n");
      return;
    }
    const troubles = conditions.map(({ name, trouble }) => ({ name, trouble: trouble() }));
    const lines = troubles.map(({ name, trouble }) =>
      trouble === null ? `[+] ${name} ok` : `[-] ${name}: ${trouble}`,
    );
    const status = troubles.every(({ trouble }) => trouble === null) ? 200 : 503;
    response
      .writeHead(status, { "content-type": "text/plain; charset=utf-8" })
      .end(`${[...lines, status === 200 ? "ok" : "not ok"].join("\n")}\n`);
  });
}

/** `/metrics` in the text format of Prometheus. */
export function serveMetrics(
  host: string,
  port: number,
  exposition: () => Promise<{ readonly contentType: string; readonly text: string }>,
): Promise<Server> {
  return listen(host, port, (request, response) => {
    if (new URL(request.url ?? "/", "http://localhost").pathname !== "/metrics") {
      response.writeHead(404).end("not found\n");
      return;
    }
    exposition().then(
      ({ contentType, text }) => response.writeHead(200, { "content-type": contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
    );
  });
}

function listen(host: string, port: number, listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // An empty host is every address of both families, as Go's ":port".
    server.listen({ port, ...(host === "" ? {} : { host }) }, () => {
      server.removeListener("error", reject);
      server.unref();
      resolve(server);
    });
  });
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Credentials } from "./credential-material.ts";

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Still open unless the script ended it. */
  readonly response: ServerResponse;
}

/** A server on loopback that answers by a script. */
export interface ScriptedServer {
  readonly seen: SeenRequest[];
  readonly credentials: Credentials;
  readonly close: () => Promise<void>;
}

/** Starts a server; `script` answers each request, or leaves it open for the test to answer. */
export async function startScriptedServer(
  script: (request: SeenRequest, index: number) => void,
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const url = new URL(incoming.url ?? "/", "http://server");
      const body = Buffer.concat(chunks).toString();
      const request: SeenRequest = {
        method: incoming.method ?? "",
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body,
        response,
      };
      seen.push(request);
      script(request, seen.length - 1);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    credentials: credentialsFor(`http://127.0.0.1:${port}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Credentials whose token is `t0`, and `t1`, `t2` after refusals. */
export function credentialsFor(server: string): Credentials {
  let token = 0;
  return {
    namespace: null,
    read: (refused) => {
      if (refused) token++;
      const headers = { authorization: `Bearer t${token}` };
      return Promise.resolve({ server, ca: null, cert: null, key: null, serverName: null, insecure: false, headers });
    },
  };
}

/** Ends an answer with JSON. */
export function answer(
  request: SeenRequest,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  request.response.writeHead(status, { "content-type": "application/json", ...headers });
  request.response.end(JSON.stringify(body));
}

/** Writes lines of a watch and leaves it open. */
export function stream(request: SeenRequest, ...lines: readonly unknown[]): void {
  if (!request.response.headersSent) request.response.writeHead(200, { "content-type": "application/json" });
  request.response.flushHeaders();
  for (const line of lines) request.response.write(`${JSON.stringify(line)}\n`);
}

/** Waits, turn by turn of the event loop, until the condition holds; the test's own limit ends it otherwise. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** One turn of the event loop: what was answered has been handled after a few. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

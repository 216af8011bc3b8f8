import { Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";

/** One request over a pool. */
export interface PoolRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | null;
  /** Breaks the connection of the request when it aborts, also after the headers. */
  readonly signal: AbortSignal;
}

/** The answer's head and the stream of its body, which throws when the connection breaks. */
export type PoolResponse = Pick<IncomingMessage, "statusCode" | "headers"> & AsyncIterable<Uint8Array>;

/** Connections to one server that stay open between requests. */
export interface ConnectionPool {
  /** Resolves with the answer once its headers are there; rejects where no answer came. */
  readonly request: (request: PoolRequest) => Promise<PoolResponse>;
  /** Lets the requests under way end, closes the connections then and resolves. Make no request after it. */
  readonly close: () => Promise<void>;
  /** Breaks every connection. */
  readonly destroy: () => void;
}

/** The server of a pool, its trust and its limits. Times in milliseconds. */
export interface PoolOptions {
  /** `https://192.0.2.1:6443`; a path in it is ignored. */
  readonly server: string;
  readonly tls: {
    readonly rejectUnauthorized: boolean;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
  /** Connections at the same time; further requests wait for one. */
  readonly connections: number;
  /** The longest silence before the headers. */
  readonly headersTimeout: number;
  /** The longest silence within the body; 0 for any. */
  readonly bodyTimeout: number;
}

/** The `code` of the error by which a silent server is given up. */
export const SILENT_SERVER = "ERR_SILENT_SERVER";

const CONNECT_TIMEOUT = 10_000;
const KEEP_ALIVE_PROBE = 15_000;
/** A connection without a request is closed after this time: sooner than a server does, so that no request meets its end. */
const IDLE_TIMEOUT = 4_000;

/** Opens a pool; no connection is made before the first request. Node's own client: it is in memory for the daemons' servers anyway. */
export function createConnectionPool(options: PoolOptions): ConnectionPool {
  const { protocol, hostname, port } = new URL(options.server);
  const secure = protocol === "https:";
  const common = {
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE,
    keepAliveMsecs: KEEP_ALIVE_PROBE,
    timeout: IDLE_TIMEOUT,
    maxSockets: options.connections,
  };
  const agent = secure ? new HttpsAgent({ ...common, ...options.tls }) : new HttpAgent(common);
  const send = secure ? requestHttps : requestHttp;
  const closed = Promise.withResolvers<void>();
  let underWay = 0;
  let closing = false;
  const closeIfUnused = (): void => {
    if (!closing || underWay > 0) return;
    agent.destroy();
    closed.resolve();
  };
  return {
    request: ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        underWay++;
        const request = send({
          agent,
          // An IPv6 address has brackets in a URL alone.
          hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
          port: port === "" ? (secure ? 443 : 80) : Number(port),
          method,
          path,
          headers,
          signal,
          timeout: options.headersTimeout,
        });
        request.once("close", () => {
          underWay--;
          closeIfUnused();
        });
        request.on("error", reject);
        request.once("socket", takeErrors);
        limitSilence(request, options);
        request.once("response", (response) => {
          response.socket.setTimeout(options.bodyTimeout);
          resolve(response);
        });
        request.end(body ?? undefined);
      }),
    close: () => {
      closing = true;
      closeIfUnused();
      return closed.promise;
    },
    destroy: () => agent.destroy(),
  };
}

/**
 * Listens to the errors of a socket for as long as it lives. A request that is aborted just after its answer has ended breaks the socket at
 * a moment at which neither Node's request nor its agent listens, and an error without a listener would end the process.
 */
function takeErrors(socket: Socket): void {
  socket.off("error", ignore);
  socket.on("error", ignore);
}

function ignore(): void {}

/** Gives a request up when the server does not accept the connection in time, or is silent afterwards for longer than it may. */
function limitSilence(request: ReturnType<typeof requestHttp>, { headersTimeout }: PoolOptions): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    socket.setTimeout(Math.min(CONNECT_TIMEOUT, headersTimeout));
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => socket.setTimeout(headersTimeout));
  });
  const silent = (): Error => Object.assign(new Error("the server is silent"), { code: SILENT_SERVER });
  const giveUp = (): void => void request.destroy(silent());
  request.once("timeout", giveUp);
  request.once("response", (response) => {
    request.off("timeout", giveUp);
    response.once("timeout", () => void response.destroy(silent()));
  });
}

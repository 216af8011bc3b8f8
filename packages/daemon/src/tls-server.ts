import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import type { KeyPair } from "./certificate-request.ts";
import type { RequestHandler } from "./http.ts";
import type { Logger } from "./log.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** The longest that a client's handshake may take, in milliseconds. */
const HANDSHAKE = 10_000;
/**
 * The time for which a connection without a request stays open, in milliseconds: longer than Go's clients keep theirs, so that the client
 * closes. A POST that is sent while we close would be lost, and is not sent again.
 */
const IDLE = 120_000;
/** The most connections at once; further ones are closed. */
const CONNECTIONS = 256;

/** The address, the certificate and the handler of a TLS server. */
export interface TlsServerOptions {
  /** The address to listen on; empty means every address of both families, as Go's ":port". */
  readonly host: string;
  readonly port: number;
  readonly tls: TlsSettings;
  /** Returns the certificate for a new connection, before its handshake; null closes the connection. The same object means no change. */
  readonly certificate: () => Promise<KeyPair | null>;
  readonly handle: RequestHandler;
  /** Offers HTTP/2 beside HTTP/1.1; false when left out. */
  readonly http2?: boolean;
  readonly log: Logger;
}

/**
 * Listens, and serves HTTP over TLS with the present certificate; resolves once it listens. The certificate is needed only when the first
 * client connects.
 */
export async function serveTls(options: TlsServerOptions): Promise<Server> {
  const { host, port, certificate, log } = options;
  const behind = await secureServer(options);
  let served: KeyPair | null = null;
  const accept = async (socket: Socket): Promise<void> => {
    const pair = await certificate();
    if (pair === null) {
      socket.destroy();
      return;
    }
    if (pair !== served) {
      behind.setSecureContext({ ...contextOf(options.tls), ...pair });
      served = pair;
    }
    behind.emit("connection", socket);
  };
  const front = createServer((socket) => {
    // Until TLS takes the socket over, nothing else handles its errors.
    socket.on("error", () => {});
    accept(socket).catch((error: unknown) => {
      log.error({ error: String(error) }, "a TLS connection was closed: there is no usable certificate");
      socket.destroy();
    });
  });
  front.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.listen({ port, ...(host === "" ? {} : { host }) }, () => {
      front.removeListener("error", reject);
      front.unref();
      resolve();
    });
  });
  return front;
}

interface SecureServer {
  setSecureContext: (options: object) => void;
  emit: (event: "connection", socket: Socket) => boolean;
}

async function secureServer({ tls, http2 = false, handle }: TlsServerOptions): Promise<SecureServer> {
  const common = { ...contextOf(tls), handshakeTimeout: HANDSHAKE };
  if (http2) {
    // Loaded only here: the metrics do without it.
    const { createSecureServer } = await import("node:http2");
    return createSecureServer({ ...common, allowHTTP1: true }, handle);
  }
  const server = createHttpsServer(common, handle);
  server.keepAliveTimeout = IDLE;
  return server;
}

function contextOf({ minVersion, ciphers, ecdhCurve }: TlsSettings): object {
  return {
    minVersion,
    ...(ciphers === null ? {} : { ciphers }),
    ...(ecdhCurve === null ? {} : { ecdhCurve }),
  };
}

import { createSecureServer as createHttp2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";
import type { KeyPair } from "./certificate-request.ts";
import type { RequestHandler } from "./http.ts";
import type { Logger } from "./log.ts";
import type { TlsSettings } from "./tls-settings.ts";

/** How long a client may take over its handshake, in milliseconds. */
const HANDSHAKE = 10_000;
/**
 * How long a connection without a request stays open, in milliseconds: longer than Go's clients keep theirs, so that it is they who close. A
 * POST that crosses with our closing would be lost, and is not sent again.
 */
const IDLE = 120_000;
/** Connections at once; more are closed. */
const CONNECTIONS = 256;

/** A server with TLS. */
export interface TlsServerOptions {
  /** Empty is every address of both families, as Go's ":port". */
  readonly host: string;
  readonly port: number;
  readonly tls: TlsSettings;
  /** Asked on each connection, before its handshake; null closes it. The same object means that nothing changed. */
  readonly certificate: () => Promise<KeyPair | null>;
  readonly handle: RequestHandler;
  /** HTTP/1.1 alone where left out. */
  readonly http2?: boolean;
  readonly log: Logger;
}

/**
 * Listens, and serves HTTP over TLS with the certificate of the moment; resolves once it listens. The certificate is first asked for when
 * the first client connects: until then it need not be there, and costs nothing.
 */
export async function serveTls(options: TlsServerOptions): Promise<Server> {
  const { host, port, certificate, log } = options;
  const behind = secureServer(options);
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
    // Until TLS takes it over, nobody else listens for its end.
    socket.on("error", () => {});
    accept(socket).catch((error: unknown) => {
      log.error({ error: String(error) }, "a connection could not be secured");
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

function secureServer({ tls, http2 = false, handle }: TlsServerOptions): SecureServer {
  const common = { ...contextOf(tls), handshakeTimeout: HANDSHAKE };
  if (http2) return createHttp2Server({ ...common, allowHTTP1: true }, handle);
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

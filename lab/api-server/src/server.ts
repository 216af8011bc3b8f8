import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Failure } from "./object/failure.ts";
import { createRegistry } from "./resource/registry.ts";
import { type Certificates, createCertificates } from "./serving/certificates.ts";
import { sendFailure } from "./serving/exchange.ts";
import { createFaultQueue, type Faults } from "./serving/faults.ts";
import { labTokens, type TokenTable } from "./serving/identity.ts";
import { kubeconfigFor } from "./serving/kubeconfig.ts";
import { createLister } from "./serving/listing.ts";
import { createRequestHandler, type ServerState } from "./serving/request-handler.ts";
import { createRequestLog, type RequestLog } from "./serving/request-log.ts";
import { createWatches, type Watches } from "./serving/watching.ts";
import { createStore } from "./storage/store.ts";
import { createObjectWriter } from "./writing/object-writer.ts";
import { seed } from "./writing/seed.ts";

/** The settings of a server. */
export interface ApiServerOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Serves by TLS with a self-made authority; true by default. */
  readonly tls?: boolean;
  /** The bearer tokens; `labTokens` by default. */
  readonly tokens?: TokenTable;
  /** The number of changes that are kept for late watchers; 10,000 by default. */
  readonly historyLimit?: number;
  /** The interval of bookmarks on a watch, in milliseconds; a minute by default. */
  readonly bookmarkIntervalMs?: number;
}

/** A running server. */
export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** The certificate of its authority; empty without TLS. */
  readonly caPem: string;
  /** Writes a kubeconfig for the holder of a token; `user` is the token. */
  kubeconfig: (user: string) => string;
  readonly faults: Faults;
  readonly requests: RequestLog;
  close: () => Promise<void>;
}

/** Starts an embedded API server. Everything is in memory and gone when it closes. Authorization allows all. */
export async function createApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const host = options.host ?? "127.0.0.1";
  const { state, watches } = createState(options);
  const isTls = options.tls ?? true;
  const certificates = isTls ? await createCertificates(host === "0.0.0.0" || host === "::" ? [] : [host]) : null;
  const server = await listen(createServer(listenerOf(state), certificates), options.port ?? 0, host);
  const { port } = server.address() as AddressInfo;
  const url = `${isTls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
  const caPem = certificates?.caPem ?? "";
  return {
    url,
    port,
    caPem,
    kubeconfig: (user) => kubeconfigFor(url, caPem, state.tokens, user),
    faults: state.faults,
    requests: state.log,
    close: async () => {
      watches.drop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function createState(options: ApiServerOptions): { readonly state: ServerState; readonly watches: Watches } {
  const store = createStore(options.historyLimit ?? 10_000);
  const watches = createWatches(store, options.bookmarkIntervalMs ?? 60_000);
  const lister = createLister(store);
  const writer = createObjectWriter(store);
  const queue = createFaultQueue();
  let registry = createRegistry([]);
  store.history.listen((change) => {
    if (change.key === "apiextensions.k8s.io/customresourcedefinitions")
      registry = createRegistry(store.list(change.key, ""));
  });
  seed(writer);
  const faults: Faults = {
    inject: queue.inject,
    clear: queue.clear,
    dropWatches: watches.drop,
    stallWatches: watches.stall,
    resumeWatches: watches.resume,
    compact: () => {
      store.history.compact(store.revision);
      lister.forget();
    },
  };
  const state = {
    backend: { store, watches, lister, writer },
    registry: () => registry,
    tokens: options.tokens ?? labTokens,
    log: createRequestLog(100_000),
    faults,
    queue,
  };
  return { state, watches };
}

function listenerOf(state: ServerState): RequestListener {
  const handle = createRequestHandler(state);
  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendFailure(response, new Failure(500, "InternalError", String(error)));
    });
  };
}

function createServer(listener: RequestListener, certificates: Certificates | null): Server {
  const server =
    certificates === null
      ? createHttpServer(listener)
      : createHttpsServer({ key: certificates.keyPem, cert: certificates.certPem }, listener);
  server.keepAliveTimeout = 60_000;
  return server;
}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

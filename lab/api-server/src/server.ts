import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "./object/failure.ts";
import { isObject, type JsonObject, objectAt } from "./object/json.ts";
import { readBody } from "./writing/patching.ts";
import { createRegistry } from "./resource/registry.ts";
import { seed } from "./writing/seed.ts";
import { type Certificates, createCertificates } from "./serving/certificates.ts";
import { isServedVersion, serveDocument } from "./serving/documents.ts";
import { controlFaults, createFaultQueue, type Faults } from "./serving/faults.ts";
import { identify, labTokens, type TokenTable } from "./serving/identity.ts";
import { kubeconfigFor } from "./serving/kubeconfig.ts";
import { createLister } from "./serving/listing.ts";
import { decodeProtobuf } from "./serving/protobuf.ts";
import { parseResourcePath } from "./serving/request-info.ts";
import { createRequestLog, type RequestLog } from "./serving/request-log.ts";
import { type Backend, serveResource } from "./serving/resource-handler.ts";
import { createWatches } from "./serving/watching.ts";
import { createStore } from "./storage/store.ts";
import { createObjectWriter } from "./writing/writing.ts";

/** How a server is started. */
export interface ApiServerOptions {
  /** Address to bind; 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** TLS with a self-made authority; true unless told. */
  readonly tls?: boolean;
  /** Bearer tokens; `labTokens` unless told. */
  readonly tokens?: TokenTable;
  /** Changes kept for late watchers. */
  readonly historyLimit?: number;
  readonly bookmarkIntervalMs?: number;
}

/** A running server. */
export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** "" without TLS. */
  readonly caPem: string;
  /** Text of a kubeconfig; `user` is the name of a token. */
  kubeconfig: (user: string) => string;
  readonly faults: Faults;
  readonly requests: RequestLog;
  close: () => Promise<void>;
}

async function octetsOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  code: number,
  body: JsonObject | string,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(code, {
    "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
    "content-length": String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const watching = query.get("watch") === "true" || query.get("watch") === "1";
  switch (method) {
    case "GET":
      return watching ? "watch" : name === "" ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return method.toLowerCase();
  }
}

/** Starts an embedded API server: everything in memory, gone when it closes. Authorization allows all. */
export async function createApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const host = options.host ?? "127.0.0.1";
  const tokens = options.tokens ?? labTokens;
  const store = createStore(options.historyLimit ?? 10_000);
  const watches = createWatches(store, options.bookmarkIntervalMs ?? 60_000);
  const lister = createLister(store);
  const backend: Backend = { store, watches, lister, writer: createObjectWriter(store) };
  const log = createRequestLog(100_000);
  const queue = createFaultQueue();
  let registry = createRegistry([]);
  store.history.listen((change) => {
    if (change.key === "apiextensions.k8s.io/customresourcedefinitions")
      registry = createRegistry(store.list(change.key, ""));
  });
  seed(backend.writer);
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

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://server");
    const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, "") : url.pathname;
    const octets = await octetsOf(request);
    const user = identify(tokens, request.headers.authorization);
    const target = parseResourcePath(registry, path);
    const verb = verbOf(request.method ?? "GET", target?.name ?? "", url.searchParams);
    const resource =
      target === undefined
        ? ""
        : `${target.resource.plural}${target.subresource === "" ? "" : `/${target.subresource}`}`;
    const record = (code: number): void => {
      log.add({
        verb: target === undefined ? (request.method ?? "").toLowerCase() : verb,
        resource,
        user: user?.username ?? "",
        path,
        code,
      });
    };
    const refuse = (failure: Failure, headers: Record<string, string> = {}): void => {
      record(failure.code);
      send(response, failure.code, failure.toStatus(), headers);
    };
    if (user === undefined) {
      refuse(new Failure(401, "Unauthorized", "Unauthorized"));
      return;
    }
    const contentType = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
    const body =
      octets.length === 0
        ? null
        : contentType.includes("protobuf")
          ? decodeProtobuf(octets)
          : readBody(octets.toString("utf8"), contentType);
    if (body instanceof Failure) {
      refuse(body);
      return;
    }
    if (path === "/_faults") {
      send(response, controlFaults(faults, body) ? 200 : 400, {});
      return;
    }
    if (path === "/_requests") {
      send(response, 200, {
        counts: objectAt(log.counts() as JsonObject),
        records: log.records.map((entry): JsonObject => ({ ...entry })),
      });
      return;
    }
    const fault = queue.take(
      target === undefined ? (request.method ?? "").toLowerCase() : verb,
      resource,
      user.username,
    );
    if (fault?.delayMs !== undefined) await wait(fault.delayMs);
    if (fault?.hangUp === "Before") {
      request.socket.destroy();
      return;
    }
    if (fault?.code !== undefined) {
      const reason =
        fault.code === 429 ? "TooManyRequests" : fault.code === 503 ? "ServiceUnavailable" : "InternalError";
      refuse(
        new Failure(fault.code, reason, "a fault was asked for"),
        fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) },
      );
      return;
    }
    const accept = request.headers.accept ?? "";
    if (target === undefined) {
      if (
        /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/./.test(path) &&
        isServedVersion(registry, path) &&
        !path.endsWith("reviews")
      ) {
        refuse(new Failure(404, "NotFound", "the server could not find the requested resource", {}));
        return;
      }
      const document = serveDocument(registry, path, accept, body, user);
      record(document === undefined ? 404 : 200);
      const aggregated =
        isObject(document) && document["kind"] === "APIGroupDiscoveryList"
          ? { "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" }
          : {};
      send(response, document === undefined ? 404 : 200, document ?? "404 page not found\n", aggregated);
      return;
    }
    if (target.subresource !== "" && !(target.subresource === "status" && target.resource.status)) {
      refuse(new Failure(404, "NotFound", "the server could not find the requested resource", {}));
      return;
    }
    const answer = serveResource(
      backend,
      registry.all,
      {
        ...target,
        verb,
        query: url.searchParams,
        accept,
        contentType,
        userAgent: request.headers["user-agent"] ?? "",
        body,
      },
      response,
    );
    if (answer === undefined) record(200);
    else if (fault?.hangUp === "After") {
      record(answer.code);
      request.socket.destroy();
    } else if (answer instanceof Failure) refuse(answer);
    else {
      record(answer.code);
      send(response, answer.code, answer.body);
    }
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, new Failure(500, "InternalError", String(error)).toStatus());
      else response.destroy();
    });
  };
  const tls = options.tls ?? true;
  const certificates: Certificates | undefined = tls
    ? await createCertificates(host === "0.0.0.0" || host === "::" ? [] : [host])
    : undefined;
  const server =
    certificates === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ key: certificates.keyPem, cert: certificates.certPem }, listener);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
  const caPem = certificates?.caPem ?? "";
  return {
    url,
    port,
    caPem,
    kubeconfig: (user) => kubeconfigFor(url, caPem, tokens, user),
    faults,
    requests: log,
    close: async () => {
      watches.drop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

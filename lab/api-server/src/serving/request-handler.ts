import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../object/failure.ts";
import { isObject, type Json, type JsonObject, objectAt } from "../object/json.ts";
import type { Registry } from "../resource/registry.ts";
import { type IncomingRequest, readRequest } from "./api-request.ts";
import { isServedVersion, serveDocument } from "./documents.ts";
import { send, sendFailure } from "./exchange.ts";
import { controlFaults, type FaultQueue, type Faults, type RequestFault } from "./faults.ts";
import { identify, type Identity, type TokenTable } from "./identity.ts";
import type { ResourceRequest } from "./request-info.ts";
import type { RequestLog, RequestRecord } from "./request-log.ts";
import { type Backend, serveResource } from "./resource-handler.ts";

/** The state of a server that its requests act on. */
export interface ServerState {
  readonly backend: Backend;
  /** The resources that are served at this moment. */
  readonly registry: () => Registry;
  readonly tokens: TokenTable;
  readonly log: RequestLog & { readonly add: (record: RequestRecord) => void };
  readonly faults: Faults;
  readonly queue: FaultQueue;
}

/** One request under way: what was asked, and the two ways to answer. */
interface Exchange {
  readonly asked: IncomingRequest;
  readonly user: Identity;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: (code: number) => void;
  readonly refuse: (failure: Failure, headers?: Readonly<Record<string, string>>) => void;
}

/** Creates the handler of a server's requests. Authorization allows every known user everything. */
export function createRequestHandler(
  state: ServerState,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const asked = await readRequest(state.registry, request);
    const user = identify(state.tokens, asked.authorization);
    const { verb, resource, path, body } = asked;
    const record = (code: number): void => state.log.add({ verb, resource, user: user?.username ?? "", path, code });
    const refuse = (failure: Failure, headers: Readonly<Record<string, string>> = {}): void => {
      record(failure.code);
      sendFailure(response, failure, headers);
    };
    if (user === undefined) return refuse(new Failure(401, "Unauthorized", "Unauthorized"));
    if (body instanceof Failure) return refuse(body);
    if (path === "/_faults") return send(response, controlFaults(state.faults, body) ? 200 : 400, {});
    if (path === "/_requests") return send(response, 200, requestsOf(state.log));
    const exchange: Exchange = { asked, user, request, response, record, refuse };
    const fault = state.queue.take(verb, resource, user.username);
    if (await isBroken(exchange, fault)) return;
    if (asked.target === undefined) serveOther(state, exchange, body);
    else serveTarget(state, exchange, asked.target, body, fault);
  };
}

/** Carries out a fault that strikes before the request does anything; true where the request ends with it. */
async function isBroken({ request, refuse }: Exchange, fault: RequestFault | undefined): Promise<boolean> {
  if (fault?.delayMs !== undefined) await wait(fault.delayMs);
  if (fault?.hangUp === "Before") {
    request.socket.destroy();
    return true;
  }
  if (fault?.code === undefined) return false;
  const { code, retryAfterSeconds } = fault;
  const reason = code === 429 ? "TooManyRequests" : code === 503 ? "ServiceUnavailable" : "InternalError";
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  refuse(new Failure(code, reason, "a fault was asked for"), headers);
  return true;
}

/** Serves discovery, health, version and reviews. */
function serveOther(state: ServerState, { asked, user, response, record, refuse }: Exchange, body: Json): void {
  const { path, accept } = asked;
  const registry = state.registry();
  const isBelowVersion = /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/./.test(path) && isServedVersion(registry, path);
  if (isBelowVersion && !path.endsWith("reviews")) return refuse(noSuchResource());
  const document = serveDocument(registry, path, accept, body, user);
  const code = document === undefined ? 404 : 200;
  record(code);
  const isAggregated = isObject(document) && document["kind"] === "APIGroupDiscoveryList";
  const contentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  send(response, code, document ?? "404 page not found\n", isAggregated ? { "content-type": contentType } : {});
}

function serveTarget(
  { backend, registry }: ServerState,
  { asked, request, response, record, refuse }: Exchange,
  target: ResourceRequest,
  body: Json,
  fault: RequestFault | undefined,
): void {
  if (target.subresource !== "" && !(target.subresource === "status" && target.resource.status))
    return refuse(noSuchResource());
  const { verb, query, accept, contentType, userAgent } = asked;
  const wanted = { ...target, verb, query, accept, contentType, userAgent, body };
  const answer = serveResource(backend, registry().all, wanted, response);
  if (answer === undefined) return record(200);
  if (fault?.hangUp === "After") {
    record(answer.code);
    request.socket.destroy();
    return;
  }
  if (answer instanceof Failure) return refuse(answer);
  record(answer.code);
  send(response, answer.code, answer.body);
}

function noSuchResource(): Failure {
  return new Failure(404, "NotFound", "the server could not find the requested resource", {});
}

function requestsOf(log: RequestLog): JsonObject {
  return {
    counts: objectAt(log.counts() as JsonObject),
    records: log.records.map((entry): JsonObject => ({ ...entry })),
  };
}

import type { IncomingMessage } from "node:http";
import type { Failure } from "../object/failure.ts";
import type { Json } from "../object/json.ts";
import type { Registry } from "../resource/registry.ts";
import { readBody } from "../writing/patching.ts";
import { octetsOf } from "./exchange.ts";
import { decodeProtobuf } from "./protobuf.ts";
import { parseResourcePath, type ResourceRequest } from "./request-info.ts";

/** A request as it came, with its path, verb and body read. */
export interface IncomingRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Kubernetes' verb for a resource, else the HTTP method in lower case. */
  readonly verb: string;
  /** The resource that the path names; undefined where it names none. */
  readonly target: ResourceRequest | undefined;
  /** `services`, `services/status`; empty where the path names no resource. */
  readonly resource: string;
  readonly contentType: string;
  readonly accept: string;
  readonly userAgent: string;
  readonly authorization: string | undefined;
  /** Null without a body; a failure where it cannot be decoded. */
  readonly body: Json | Failure;
}

/** Reads a request to its end. */
export async function readRequest(registry: () => Registry, request: IncomingMessage): Promise<IncomingRequest> {
  const url = new URL(request.url ?? "/", "http://server");
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, "") : url.pathname;
  const octets = await octetsOf(request);
  const method = request.method ?? "";
  // A definition may have been installed while the body came in.
  const target = parseResourcePath(registry(), path);
  const contentType = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
  return {
    path,
    query: url.searchParams,
    verb: target === undefined ? method.toLowerCase() : verbOf(method, target.name, url.searchParams),
    target,
    resource: target === undefined ? "" : [target.resource.plural, target.subresource].filter(Boolean).join("/"),
    contentType,
    accept: request.headers.accept ?? "",
    userAgent: request.headers["user-agent"] ?? "",
    authorization: request.headers.authorization,
    body: bodyOf(octets, contentType),
  };
}

function bodyOf(octets: Buffer, contentType: string): Json | Failure {
  if (octets.length === 0) return null;
  return contentType.includes("protobuf") ? decodeProtobuf(octets) : readBody(octets.toString("utf8"), contentType);
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const isWatch = query.get("watch") === "true" || query.get("watch") === "1";
  switch (method) {
    case "GET":
      return isWatch ? "watch" : name === "" ? "list" : "get";
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

import type { ServerResponse } from "node:http";
import { badRequest, Failure, notFound } from "../object/failure.ts";
import { isObject, type Json, type JsonObject, objectAt, stringAt } from "../object/json.ts";
import { patchObject } from "../writing/patching.ts";
import { readObject, type WriteContext } from "../writing/write-context.ts";
import { type IncludeObject, tableOf } from "../printing/table.ts";
import { type Resource, storageKey } from "../resource/resource.ts";
import type { Store } from "../storage/store.ts";
import { toServed } from "../resource/versions.ts";
import type { ObjectWriter } from "../writing/object-writer.ts";
import type { Written } from "../writing/written.ts";
import { listObject, type Lister, selectorOf } from "./listing.ts";
import type { ResourceRequest } from "./request-info.ts";
import type { Watches } from "./watching.ts";

/** A request for a resource, its body read. */
export interface ApiRequest extends ResourceRequest {
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: Json;
}

/** A response's code and body. */
export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
}

/** The storage that requests act on. */
export interface Backend {
  readonly store: Store;
  readonly writer: ObjectWriter;
  readonly lister: Lister;
  readonly watches: Watches;
}

const include = (query: URLSearchParams): IncludeObject => {
  const asked = query.get("includeObject");
  return asked === "None" || asked === "Object" ? asked : "Metadata";
};

const wantsTable = (accept: string): boolean => /as=Table/.test(accept);
const tableFor = (request: ApiRequest, objects: readonly JsonObject[], metadata: JsonObject): JsonObject =>
  tableOf(request.resource, objects, metadata, include(request.query), Date.now());

function contextOf(request: ApiRequest): WriteContext {
  const { resource, namespace, name, subresource, query } = request;
  const dryRun =
    query.getAll("dryRun").includes("All") || (isObject(request.body) && Array.isArray(request.body["dryRun"]));
  const manager = query.get("fieldManager") ?? request.userAgent.split("/")[0] ?? "unknown";
  return { resource, namespace, name, subresource, manager, dryRun, strict: query.get("fieldValidation") === "Strict" };
}

const writtenAnswer = (written: Written | Failure, code: number): Answer | Failure =>
  written instanceof Failure ? written : { code, body: written.object };

function removalAnswer(resource: Resource, written: Written | Failure): Answer | Failure {
  if (written instanceof Failure) return written;
  // Services, Pods and some others answer with the object, whether it is gone or waits for finalizers.
  if (!written.created || ["Service", "Pod", "ServiceAccount"].includes(resource.kind))
    return { code: 200, body: written.object };
  const { name, uid } = objectAt(written.object, "metadata");
  const group = resource.group === "" ? {} : { group: resource.group };
  return {
    code: 200,
    body: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: name ?? "", ...group, kind: resource.plural, uid: uid ?? "" },
    },
  };
}

function removeNamespace(backend: Backend, resources: readonly Resource[], namespace: string): void {
  for (const resource of resources) {
    if (!resource.namespaced) continue;
    for (const object of backend.store.list(storageKey(resource), namespace)) {
      backend.writer.remove(
        {
          resource,
          namespace,
          name: stringAt(object, "metadata", "name"),
          subresource: "",
          manager: "",
          dryRun: false,
          strict: false,
        },
        { gracePeriodSeconds: 0 },
      );
    }
  }
}

/** Deletes a CustomResourceDefinition's objects with it: nobody could reach them after. */
function removeCustomObjects(backend: Backend, definition: JsonObject): void {
  const key = `${stringAt(definition, "spec", "group")}/${stringAt(definition, "spec", "names", "plural")}`;
  for (const object of backend.store.list(key, "")) backend.store.remove(key, object);
}

function watch(backend: Backend, request: ApiRequest, response: ServerResponse): Failure | undefined {
  const selector = selectorOf(request.query);
  if (selector instanceof Failure) return selector;
  const { resource, namespace, name, query } = request;
  const present = (object: JsonObject): JsonObject =>
    wantsTable(request.accept)
      ? tableFor(request, [object], { resourceVersion: stringAt(object, "metadata", "resourceVersion") })
      : object;
  backend.watches.open(
    {
      resource,
      namespace,
      name,
      selector,
      present,
      resourceVersion: query.get("resourceVersion") ?? "",
      bookmarks: query.get("allowWatchBookmarks") === "true" || query.get("allowWatchBookmarks") === "1",
      sendInitialEvents: query.get("sendInitialEvents") === "true",
      timeoutSeconds: Number(query.get("timeoutSeconds") ?? "1800"),
    },
    response,
  );
  return undefined;
}

/** Serves one request for a resource; undefined when a watch has taken over the response. */
export function serveResource(
  backend: Backend,
  resources: readonly Resource[],
  request: ApiRequest,
  response: ServerResponse,
): Answer | Failure | undefined {
  const { store, writer, lister } = backend;
  const { resource, namespace, name, verb, body, query } = request;
  const context = contextOf(request);
  switch (verb) {
    case "get": {
      const found = store.get(storageKey(resource), resource.namespaced ? namespace : "", name);
      if (found === undefined) return notFound(resource, name);
      const object = toServed(resource, found);
      return {
        code: 200,
        body: wantsTable(request.accept)
          ? tableFor(request, [object], { resourceVersion: stringAt(object, "metadata", "resourceVersion") })
          : object,
      };
    }
    case "list": {
      const page = lister.list(resource, namespace, query);
      if (page instanceof Failure) return page;
      return {
        code: 200,
        body: wantsTable(request.accept) ? tableFor(request, page.objects, page.metadata) : listObject(resource, page),
      };
    }
    case "watch":
      return watch(backend, request, response);
    case "create": {
      const object = readObject(resource, body);
      return object instanceof Failure ? object : writtenAnswer(writer.create(context, object), 201);
    }
    case "update": {
      const object = readObject(resource, body);
      return object instanceof Failure ? object : writtenAnswer(writer.update(context, object), 200);
    }
    case "patch": {
      const written = patchObject(store, writer, context, request.contentType, body, query.get("force") === "true");
      return written instanceof Failure ? written : { code: written.created ? 201 : 200, body: written.object };
    }
    case "delete": {
      const options = isObject(body) ? body : {};
      const grace = query.get("gracePeriodSeconds");
      const removed = writer.remove(
        context,
        grace === null ? options : { ...options, gracePeriodSeconds: Number(grace) },
      );
      if (!(removed instanceof Failure) && removed.created && !context.dryRun) {
        if (resource.kind === "Namespace") removeNamespace(backend, resources, name);
        if (resource.kind === "CustomResourceDefinition") removeCustomObjects(backend, removed.object);
      }
      return removalAnswer(resource, removed);
    }
    case "deletecollection": {
      const page = lister.list(resource, namespace, query);
      if (page instanceof Failure) return page;
      for (const object of page.objects)
        writer.remove(
          {
            ...context,
            namespace: stringAt(object, "metadata", "namespace"),
            name: stringAt(object, "metadata", "name"),
          },
          isObject(body) ? body : {},
        );
      return { code: 200, body: listObject(resource, page) };
    }
    default:
      return badRequest(`verb ${verb} is not served`);
  }
}

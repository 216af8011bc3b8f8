import { randomUUID } from "node:crypto";
import { badRequest, expired, Failure } from "../object/failure.ts";
import type { JsonObject } from "../object/json.ts";
import { apiVersionOf, type Resource, storageKey } from "../resource/resource.ts";
import { parseFieldSelector, parseLabelSelector, type Selector } from "../object/selector.ts";
import type { Store } from "../storage/store.ts";
import { toServed } from "../resource/versions.ts";

/** The objects that a query selects; both selectors must agree. */
export function selectorOf(query: URLSearchParams): Selector | Failure {
  const labels = parseLabelSelector(query.get("labelSelector") ?? "");
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  if (labels instanceof Failure) return labels;
  if (fields instanceof Failure) return fields;
  return (object) => labels(object) && fields(object);
}

/** A page of a list. */
export interface Page {
  readonly objects: readonly JsonObject[];
  readonly metadata: JsonObject;
}

/** Lists, page by page: later pages come from the state at the first. */
export interface Lister {
  list: (resource: Resource, namespace: string, query: URLSearchParams) => Page | Failure;
  /** Makes every continue token expire. */
  forget: () => void;
}

const keptSnapshots = 200;

/** A lister over a store. */
export function createLister(store: Store): Lister {
  const snapshots = new Map<string, { readonly revision: number; readonly rest: readonly JsonObject[] }>();
  return {
    forget: () => {
      snapshots.clear();
    },
    list: (resource, namespace, query) => {
      const selector = selectorOf(query);
      if (selector instanceof Failure) return selector;
      const token = query.get("continue") ?? "";
      const limit = Number(query.get("limit") ?? "0");
      const resume = snapshots.get(token);
      if (token !== "" && resume === undefined)
        return expired(
          "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
        );
      const wanted = query.get("resourceVersion") ?? "";
      if (wanted !== "" && !/^\d+$/.test(wanted))
        return badRequest(`Invalid value: "${wanted}": invalid resource version`);
      if (Number(wanted) > store.revision)
        return new Failure(
          504,
          "Timeout",
          `Too large resource version: ${wanted}, current: ${String(store.revision)}`,
          {
            causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
            retryAfterSeconds: 1,
          },
        );
      const all =
        resume?.rest ??
        store
          .list(storageKey(resource), resource.namespaced ? namespace : "")
          .map((object) => toServed(resource, object))
          .filter(selector);
      const revision = resume?.revision ?? store.revision;
      const objects = limit > 0 ? all.slice(0, limit) : all;
      const rest = all.slice(objects.length);
      if (rest.length === 0) return { objects, metadata: { resourceVersion: String(revision) } };
      const next = randomUUID();
      snapshots.set(next, { revision, rest });
      for (const old of snapshots.keys()) {
        if (snapshots.size <= keptSnapshots) break;
        snapshots.delete(old);
      }
      const selected = query.has("labelSelector") || query.has("fieldSelector");
      return {
        objects,
        metadata: {
          resourceVersion: String(revision),
          continue: next,
          ...(selected ? {} : { remainingItemCount: rest.length }),
        },
      };
    },
  };
}

/** The list object of a page. */
export function listObject(resource: Resource, page: Page): JsonObject {
  const items =
    resource.custom === undefined
      ? page.objects.map(({ apiVersion: _version, kind: _kind, ...rest }) => rest)
      : page.objects;
  return { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata: page.metadata, items: [...items] };
}

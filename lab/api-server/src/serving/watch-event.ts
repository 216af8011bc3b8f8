import { type JsonObject, stringAt } from "../object/json.ts";
import type { Selector } from "../object/selector.ts";
import { apiVersionOf, type Resource, storageKey } from "../resource/resource.ts";
import { toServed } from "../resource/versions.ts";
import type { Change } from "../storage/watch-history.ts";

/** One watch request. */
export interface WatchRequest {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly selector: Selector;
  readonly resourceVersion: string;
  readonly bookmarks: boolean;
  readonly sendInitialEvents: boolean;
  readonly timeoutSeconds: number;
  /** Turns an object into what is sent: itself, or a Table. */
  readonly present: (object: JsonObject) => JsonObject;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: JsonObject;
}

/** True for an object in the namespace, and of the name, that a watch is for. */
export function isInScope({ namespace, name }: WatchRequest, object: JsonObject): boolean {
  return (
    (namespace === "" || stringAt(object, "metadata", "namespace") === namespace) &&
    (name === "" || stringAt(object, "metadata", "name") === name)
  );
}

/** The event by which a watch learns of a change; null where the change does not concern it. */
export function eventOf(request: WatchRequest, change: Change): WatchEvent | null {
  const { resource, selector, present } = request;
  if (change.key !== storageKey(resource) || !isInScope(request, change.object)) return null;
  const object = toServed(resource, change.object);
  const wasSelected = change.previous !== undefined && selector(toServed(resource, change.previous));
  const isSelected = change.type !== "DELETED" && selector(object);
  if (isSelected) return { type: wasSelected ? "MODIFIED" : "ADDED", object: present(object) };
  if (!wasSelected) return null;
  const last = change.type === "DELETED" ? object : lastSelected(resource, change, object);
  return { type: "DELETED", object: present(last) };
}

/** A bookmark at a revision. */
export function bookmarkAt(resource: Resource, revision: number, annotations?: JsonObject): WatchEvent {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { type: "BOOKMARK", object: { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata } };
}

/** An object as a selector selected it last, in the version of the change that took it out. */
function lastSelected(resource: Resource, { previous, revision }: Change, object: JsonObject): JsonObject {
  return {
    ...toServed(resource, previous ?? object),
    metadata: { ...(previous?.["metadata"] as JsonObject), resourceVersion: String(revision) },
  };
}

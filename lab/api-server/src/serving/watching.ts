import type { ServerResponse } from "node:http";
import { expired } from "../object/failure.ts";
import { type JsonObject, stringAt } from "../object/json.ts";
import { apiVersionOf, type Resource, storageKey } from "../resource/resource.ts";
import type { Selector } from "../object/selector.ts";
import type { Store } from "../storage/store.ts";
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

/** The open watches of a server. */
export interface Watches {
  open: (request: WatchRequest, response: ServerResponse) => void;
  drop: (plural?: string) => number;
  stall: () => void;
  resume: () => void;
}

interface OpenWatch {
  readonly plural: string;
  readonly end: () => void;
  readonly flush: () => void;
}

/** Watches over a store; an idle one gets a bookmark every `bookmarkMs`. */
export function createWatches(store: Store, bookmarkMs: number): Watches {
  const watches = new Set<OpenWatch>();
  let stalled = false;

  function open(request: WatchRequest, response: ServerResponse): void {
    const { resource, namespace, name, selector, present } = request;
    const key = storageKey(resource);
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
    response.flushHeaders();
    let held: string[] = [];
    const send = (type: string, object: JsonObject): void => {
      const line = `${JSON.stringify({ type, object })}\n`;
      if (stalled) held.push(line);
      else response.write(line);
    };
    const inScope = (object: JsonObject): boolean =>
      (namespace === "" || stringAt(object, "metadata", "namespace") === namespace) &&
      (name === "" || stringAt(object, "metadata", "name") === name);
    const bookmark = (annotations?: JsonObject): void => {
      const metadata = {
        resourceVersion: String(store.revision),
        creationTimestamp: null,
        ...(annotations === undefined ? {} : { annotations }),
      };
      send("BOOKMARK", { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata });
    };
    const deliver = (change: Change): void => {
      if (change.key !== key || !inScope(change.object)) return;
      const object = toServed(resource, change.object);
      const was = change.previous !== undefined && selector(toServed(resource, change.previous));
      const is = change.type !== "DELETED" && selector(object);
      if (is) send(was ? "MODIFIED" : "ADDED", present(object));
      else if (was)
        send(
          "DELETED",
          present(
            change.type === "DELETED"
              ? object
              : {
                  ...toServed(resource, change.previous ?? object),
                  metadata: {
                    ...(change.previous?.["metadata"] as JsonObject),
                    resourceVersion: String(change.revision),
                  },
                },
          ),
        );
    };
    const fromNow = request.resourceVersion === "" || request.resourceVersion === "0" || request.sendInitialEvents;
    const missed = fromNow ? [] : store.history.since(Number(request.resourceVersion));
    if (missed === undefined) {
      send(
        "ERROR",
        expired(`too old resource version: ${request.resourceVersion} (${String(store.history.oldest)})`).toStatus(),
      );
      response.end();
      return;
    }
    if (fromNow) {
      for (const object of store.list(key, resource.namespaced ? namespace : "")) {
        const shown = toServed(resource, object);
        if (inScope(object) && selector(shown)) send("ADDED", present(shown));
      }
      if (request.sendInitialEvents) bookmark({ "k8s.io/initial-events-end": "true" });
    }
    for (const change of missed) deliver(change);
    const stop = store.history.listen(deliver);
    const ticking = request.bookmarks ? setInterval(bookmark, bookmarkMs) : undefined;
    const leave = (): void => {
      stop();
      clearInterval(ticking);
      clearTimeout(timer);
      watches.delete(watch);
    };
    const watch: OpenWatch = {
      plural: resource.plural,
      end: () => {
        // What changes from here on is for the next watch.
        leave();
        response.end();
      },
      flush: () => {
        for (const line of held) response.write(line);
        held = [];
      },
    };
    const timer = setTimeout(watch.end, request.timeoutSeconds * 1000);
    watches.add(watch);
    response.on("close", leave);
  }

  return {
    open,
    drop: (plural) => {
      const matching = [...watches].filter((watch) => plural === undefined || watch.plural === plural);
      for (const watch of matching) watch.end();
      return matching.length;
    },
    stall: () => {
      stalled = true;
    },
    resume: () => {
      stalled = false;
      for (const watch of watches) watch.flush();
    },
  };
}

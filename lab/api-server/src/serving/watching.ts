import type { ServerResponse } from "node:http";
import { expired } from "../object/failure.ts";
import { storageKey } from "../resource/resource.ts";
import { toServed } from "../resource/versions.ts";
import type { Store } from "../storage/store.ts";
import { bookmarkAt, eventOf, isInScope, type WatchEvent, type WatchRequest } from "./watch-event.ts";

/** The open watches of a server. */
export interface Watches {
  readonly open: (request: WatchRequest, response: ServerResponse) => void;
  /** Ends the watches of one resource, or all; returns their number. */
  readonly drop: (plural?: string) => number;
  /** Holds back every event until `resume`. */
  readonly stall: () => void;
  readonly resume: () => void;
}

interface OpenWatch {
  readonly plural: string;
  readonly end: () => void;
  readonly flush: () => void;
}

/** Creates the watches over a store; an idle one gets a bookmark every `bookmarkMs` milliseconds. */
export function createWatches(store: Store, bookmarkMs: number): Watches {
  const watches = new Set<OpenWatch>();
  let stalled = false;

  function open(request: WatchRequest, response: ServerResponse): void {
    const { resource } = request;
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
    response.flushHeaders();
    let held: string[] = [];
    const send = (event: WatchEvent | null): void => {
      if (event === null) return;
      const line = `${JSON.stringify(event)}\n`;
      if (stalled) held.push(line);
      else response.write(line);
    };
    const first = firstEvents(store, request);
    for (const event of first.events) send(event);
    if (first.isOver) {
      response.end();
      return;
    }
    const stop = store.history.listen((change) => send(eventOf(request, change)));
    const bookmarks = request.bookmarks
      ? setInterval(() => send(bookmarkAt(resource, store.revision)), bookmarkMs)
      : undefined;
    const leave = (): void => {
      stop();
      clearInterval(bookmarks);
      clearTimeout(timeout);
      watches.delete(watch);
    };
    const watch: OpenWatch = {
      plural: resource.plural,
      end: () => {
        // A change from here on is for the next watch.
        leave();
        response.end();
      },
      flush: () => {
        for (const line of held) response.write(line);
        held = [];
      },
    };
    const timeout = setTimeout(watch.end, request.timeoutSeconds * 1000);
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

/** The events that a watch begins with: the present objects, or the changes since its version. `isOver` where that is too old. */
function firstEvents(
  store: Store,
  request: WatchRequest,
): { readonly events: readonly (WatchEvent | null)[]; readonly isOver: boolean } {
  const { resource, namespace, resourceVersion, sendInitialEvents, selector, present } = request;
  if (resourceVersion === "" || resourceVersion === "0" || sendInitialEvents) {
    const objects = store.list(storageKey(resource), resource.namespaced ? namespace : "");
    const events = objects.flatMap((object): readonly WatchEvent[] => {
      const served = toServed(resource, object);
      return isInScope(request, object) && selector(served) ? [{ type: "ADDED", object: present(served) }] : [];
    });
    const end = bookmarkAt(resource, store.revision, { "k8s.io/initial-events-end": "true" });
    return { events: sendInitialEvents ? [...events, end] : events, isOver: false };
  }
  const missed = store.history.since(Number(resourceVersion));
  if (missed !== undefined) return { events: missed.map((change) => eventOf(request, change)), isOver: false };
  const failure = expired(`too old resource version: ${resourceVersion} (${String(store.history.oldest)})`);
  return { events: [{ type: "ERROR", object: failure.toStatus() }], isOver: true };
}

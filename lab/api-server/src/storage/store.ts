import { clone, type JsonObject, objectAt, stringAt } from "../object/json.ts";
import { type Change, createWatchHistory, type WatchHistory } from "./watch-history.ts";

/**
 * All objects, in memory, under one global revision. Objects are shared: a caller must change neither an object that it got nor one that it
 * has put.
 */
export interface Store {
  readonly revision: number;
  readonly history: WatchHistory;
  get: (key: string, namespace: string, name: string) => JsonObject | undefined;
  /** In order of namespace and name, as etcd's keys are. An empty namespace lists all. */
  list: (key: string, namespace: string) => readonly JsonObject[];
  /** Creates or replaces; sets `metadata.resourceVersion`. */
  put: (key: string, object: JsonObject) => JsonObject;
  /** Removes; the returned last state carries the revision of the removal. */
  remove: (key: string, object: JsonObject) => JsonObject;
}

const nameIn = (namespace: string, name: string): string => `${namespace}/${name}`;

function withRevision(object: JsonObject, revision: number): JsonObject {
  return { ...object, metadata: { ...objectAt(object, "metadata"), resourceVersion: String(revision) } };
}

/** An empty store; `historyLimit` is how many changes a late watcher can catch up on. */
export function createStore(historyLimit: number): Store {
  const tables = new Map<string, Map<string, JsonObject>>();
  let revision = 1;
  const history = createWatchHistory(historyLimit, revision);
  const table = (key: string): Map<string, JsonObject> => {
    const found = tables.get(key);
    if (found !== undefined) return found;
    const made = new Map<string, JsonObject>();
    tables.set(key, made);
    return made;
  };
  const idOf = (object: JsonObject): string =>
    nameIn(stringAt(object, "metadata", "namespace"), stringAt(object, "metadata", "name"));
  return {
    get revision() {
      return revision;
    },
    history,
    get: (key, namespace, name) => table(key).get(nameIn(namespace, name)),
    list: (key, namespace) =>
      [...table(key)]
        .filter(([id]) => namespace === "" || id.startsWith(`${namespace}/`))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object),
    put: (key, object) => {
      const id = idOf(object);
      const previous = table(key).get(id);
      revision += 1;
      const stored = withRevision(clone(object), revision);
      table(key).set(id, stored);
      const change: Change = {
        revision,
        type: previous === undefined ? "ADDED" : "MODIFIED",
        key,
        object: stored,
        previous,
      };
      history.append(change);
      return stored;
    },
    remove: (key, object) => {
      const id = idOf(object);
      const previous = table(key).get(id);
      table(key).delete(id);
      revision += 1;
      const last = withRevision(object, revision);
      history.append({ revision, type: "DELETED", key, object: last, previous });
      return last;
    },
  };
}

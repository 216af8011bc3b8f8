import { isObject, type Json, numberAt, stringAt } from "../object/json.ts";

/** A fault for requests that match `verb`, `resource` and `user` (each optional), `count` times (default: until cleared). */
export interface RequestFault {
  readonly code?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  /** Breaks the connection: before the request is carried out, or after it, so that the client does not learn of it. */
  readonly hangUp?: "Before" | "After";
  readonly verb?: string;
  readonly resource?: string;
  readonly user?: string;
  readonly count?: number;
}

/** Faults on demand. */
export interface Faults {
  /** Answers matching requests with `code`, or after `delayMs`. */
  inject: (fault: RequestFault) => void;
  clear: () => void;
  /** Closes open watches (of one resource, or all). */
  dropWatches: (resource?: string) => number;
  /** Open watches stay silent until `resumeWatches`; nothing is lost. */
  stallWatches: () => void;
  resumeWatches: () => void;
  /** Forgets history: older resourceVersions and continue tokens give 410. */
  compact: () => void;
}

/** The faults that wait for requests. */
export interface FaultQueue {
  inject: (fault: RequestFault) => void;
  clear: () => void;
  take: (verb: string, resource: string, user: string) => RequestFault | undefined;
}

/** An empty queue. */
export function createFaultQueue(): FaultQueue {
  let queue: { readonly fault: RequestFault; left: number }[] = [];
  const matches = (wanted: string | undefined, actual: string): boolean => wanted === undefined || wanted === actual;
  return {
    inject: (fault) => {
      queue.push({ fault, left: fault.count ?? Number.POSITIVE_INFINITY });
    },
    clear: () => {
      queue = [];
    },
    take: (verb, resource, user) => {
      const found = queue.find(
        ({ fault }) => matches(fault.verb, verb) && matches(fault.resource, resource) && matches(fault.user, user),
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      queue = queue.filter(({ left }) => left > 0);
      return found.fault;
    },
  };
}

/** Carries out `POST /_faults`: `{action: "inject" | "clear" | "dropWatches" | "stallWatches" | "resumeWatches" | "compact", ...}`; false when the action is unknown. */
export function controlFaults(faults: Faults, body: Json): boolean {
  const text = (key: string): Json => (stringAt(body, key) === "" ? {} : { [key]: stringAt(body, key) });
  const number = (key: string): Json => (numberAt(body, key) === undefined ? {} : { [key]: numberAt(body, key) ?? 0 });
  if (!isObject(body)) return false;
  switch (body["action"]) {
    case "inject":
      faults.inject(
        Object.assign(
          {},
          ...["verb", "resource", "user"].map(text),
          ...["code", "retryAfterSeconds", "delayMs", "count"].map(number),
        ) as RequestFault,
      );
      return true;
    case "clear":
      faults.clear();
      return true;
    case "dropWatches":
      faults.dropWatches(stringAt(body, "resource") || undefined);
      return true;
    case "stallWatches":
      faults.stallWatches();
      return true;
    case "resumeWatches":
      faults.resumeWatches();
      return true;
    case "compact":
      faults.compact();
      return true;
    default:
      return false;
  }
}

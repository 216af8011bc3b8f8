import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import type { Status } from "./api-error.ts";

/** One line of a watch. */
export type WatchEvent<T extends KubernetesObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string }
  | { readonly type: "ERROR"; readonly status: Status };

/** A line that is no event: a stream cut in the middle of a line, or a type unknown here. `line` is its beginning. */
export interface WatchLineError {
  readonly code: "NotJson" | "NotAnEvent";
  readonly line: string;
}

/** The octets of the stream after its last newline. */
export type PendingOctets = Uint8Array;

const newline = 0x0a;

/**
 * Cuts a stream into lines, whole lines alone: octets are joined before they become text, so a character of several octets may be
 * split anywhere. Returns the rest for the next call. What was handed in is not kept, except as a copy.
 */
export function splitLines(
  pending: PendingOctets,
  chunk: Uint8Array,
): { readonly lines: readonly string[]; readonly pending: PendingOctets } {
  const lines: string[] = [];
  const decoder = new TextDecoder();
  let rest = pending;
  let start = 0;
  for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
    const tail = chunk.subarray(start, end);
    const line = decoder.decode(rest.length === 0 ? tail : joined(rest, tail)).trim();
    if (line !== "") lines.push(line);
    rest = empty;
    start = end + 1;
  }
  return { lines, pending: start === chunk.length ? rest : joined(rest, chunk.subarray(start)) };
}

/** Reads one line of a watch. */
export function readWatchEvent<T extends KubernetesObject>(line: string): Result<WatchEvent<T>, WatchLineError> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err({ code: "NotJson", line: line.slice(0, 200) });
  }
  const notAnEvent = err({ code: "NotAnEvent" as const, line: line.slice(0, 200) });
  if (!isRecord(value) || !isRecord(value["object"])) return notAnEvent;
  switch (value["type"]) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return hasMetadata<T>(value["object"]) ? ok({ type: value["type"], object: value["object"] }) : notAnEvent;
    case "BOOKMARK": {
      const object = value["object"];
      if (!hasMetadata<T>(object)) return notAnEvent;
      return ok({ type: "BOOKMARK", resourceVersion: object.metadata?.resourceVersion ?? "" });
    }
    case "ERROR":
      return ok({ type: "ERROR", status: value["object"] });
    default:
      return notAnEvent;
  }
}

const empty = new Uint8Array(0);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasMetadata<T extends KubernetesObject>(value: unknown): value is T {
  if (!isRecord(value)) return false;
  const metadata = value["metadata"];
  return isRecord(metadata) && typeof metadata["resourceVersion"] === "string";
}

import { type Instant, instant } from "@herald-lb/sansio";
import { takeToken, type TokenBucket } from "./rate-limiter.ts";

/** An object that an Event is about, `core/v1` ObjectReference. */
export interface InvolvedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Something that happened to an object. `reason` is a CamelCase word, `message` a sentence. */
export interface Occurrence {
  readonly object: InvolvedObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The limits on Events. Times in milliseconds. */
export interface EventLimits {
  /** The same occurrence within this time is counted on the existing Event. */
  readonly window: number;
  /** Events a second for one object, once `burst` of them are used up. */
  readonly rate: number;
  readonly burst: number;
  /** The number of occurrences and objects to remember; the least recently seen are forgotten first. */
  readonly memory: number;
}

/** client-go's: ten minutes, 25 at once and then one in five minutes for an object, 4096 remembered. */
export const defaultEventLimits: EventLimits = { window: 600_000, rate: 1 / 300, burst: 25, memory: 4096 };

interface Remembered {
  count: number;
  lastAt: Instant;
  readonly eventName: string;
  readonly firstTimestamp: number;
}

/** The memory of past occurrences; changed in place. */
export interface EventCorrelator {
  readonly events: Map<string, Remembered>;
  readonly buckets: Map<string, TokenBucket>;
}

/** The decision on one occurrence. `firstTimestamp` is in milliseconds of the wall clock. */
export type Correlation =
  | { readonly type: "Create"; readonly eventName: string }
  | { readonly type: "Count"; readonly eventName: string; readonly count: number; readonly firstTimestamp: number }
  /** The object had too many Events. */
  | { readonly type: "Drop" };

/** A correlator that has seen nothing. */
export function createEventCorrelator(): EventCorrelator {
  return { events: new Map(), buckets: new Map() };
}

/** Decides on an occurrence and remembers it. `eventName` and `wallTime` are used if it becomes a new Event. */
export function correlate(
  self: EventCorrelator,
  occurrence: Occurrence,
  limits: EventLimits,
  now: Instant,
  fresh: { readonly eventName: string; readonly wallTime: number },
): Correlation {
  const objectKey = keyOfObject(occurrence.object);
  const bucket = self.buckets.get(objectKey) ?? { tokens: limits.burst, at: now };
  const taken = takeToken(bucket, limits, now);
  if (taken.delay > 0) return { type: "Drop" };
  touch(self.buckets, objectKey, taken.bucket, limits.memory);

  const key = JSON.stringify([objectKey, occurrence.type, occurrence.reason, occurrence.message]);
  const before = self.events.get(key);
  if (before !== undefined && now < instant(before.lastAt + limits.window)) {
    const counted: Remembered = { ...before, count: before.count + 1, lastAt: now };
    touch(self.events, key, counted, limits.memory);
    return { type: "Count", eventName: before.eventName, count: counted.count, firstTimestamp: before.firstTimestamp };
  }
  touch(
    self.events,
    key,
    { count: 1, lastAt: now, eventName: fresh.eventName, firstTimestamp: fresh.wallTime },
    limits.memory,
  );
  return { type: "Create", eventName: fresh.eventName };
}

function keyOfObject({ apiVersion, kind, namespace, name, uid }: InvolvedObject): string {
  return JSON.stringify([apiVersion, kind, namespace ?? "", name, uid ?? ""]);
}

/** Makes a key the most recently seen: a Map keeps the order of insertion, so its first key is the least recent. */
function touch<V>(map: Map<string, V>, key: string, value: V, memory: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= memory) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

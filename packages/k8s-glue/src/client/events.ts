import type { Clock } from "@herald-lb/sansio";
import type { KubernetesObject } from "../object-meta.ts";
import type { ApiError } from "./api-error.ts";
import { mergeObject } from "./apply.ts";
import {
  type Correlation,
  correlate,
  createEventCorrelator,
  defaultEventLimits,
  type EventLimits,
  type Occurrence,
} from "./event-correlator.ts";
import { secondTime } from "./micro-time.ts";
import { collectionPath, EVENTS } from "./resource.ts";
import type { Transport } from "./transport.ts";

/** Who records, and where to. */
export interface EventRecorderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Milliseconds since 1970, for the Events' timestamps; `Date.now` by default. */
  readonly wallClock?: () => number;
  /** `source.component`; MetalLB's names, so that what watches for its Events finds ours. */
  readonly component: "metallb-controller" | "metallb-speaker";
  /** `source.host`, the node of a speaker. */
  readonly host?: string;
  readonly limits?: Partial<EventLimits>;
  /** An Event that could not be written is lost; only this tells. */
  readonly onLost?: (occurrence: Occurrence, because: ApiError["code"] | "QueueFull") => void;
}

/** Writes core/v1 Events about objects. */
export interface EventRecorder {
  /** Returns at once and never fails: an Event is a courtesy to people, not a record. */
  readonly record: (occurrence: Occurrence) => void;
  /** Resolves when everything recorded so far was sent or given up. */
  readonly flush: () => Promise<void>;
}

/** Occurrences that may wait while the server is slow or away. */
const LONGEST_QUEUE = 1_000;

/** Makes a recorder. Events are sent one after the other, so that a burst of them does not take the connections of real work. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { transport, clock } = options;
  const wallClock = options.wallClock ?? Date.now;
  const limits = { ...defaultEventLimits, ...options.limits };
  const correlator = createEventCorrelator();
  const queue: {
    readonly occurrence: Occurrence;
    readonly correlation: Exclude<Correlation, { type: "Drop" }>;
    readonly at: number;
  }[] = [];
  let sending: Promise<void> | null = null;
  let sequence = 0;

  const create = (
    occurrence: Occurrence,
    eventName: string,
    count: number,
    first: number,
    last: number,
  ): Promise<{ readonly ok: boolean; readonly error?: ApiError }> => {
    const { object, type, reason, message } = occurrence;
    // Events about objects of the whole cluster live in "default", as client-go puts them.
    const namespace = object.namespace ?? "default";
    const source =
      options.host === undefined
        ? { component: options.component }
        : { component: options.component, host: options.host };
    const body: KubernetesObject & Readonly<Record<string, unknown>> = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: eventName, namespace },
      involvedObject: object,
      type,
      reason,
      message: message.slice(0, 1024),
      source,
      reportingComponent: options.component,
      reportingInstance: options.host ?? "",
      count,
      firstTimestamp: secondTime(first),
      lastTimestamp: secondTime(last),
    };
    return transport.request({
      method: "POST",
      path: collectionPath(EVENTS, namespace),
      body,
      retries: 2,
      timeout: 5_000,
    });
  };

  const send = async ({ occurrence, correlation, at }: (typeof queue)[number]): Promise<void> => {
    const { eventName } = correlation;
    let answer: { readonly ok: boolean; readonly error?: ApiError };
    if (correlation.type === "Create") {
      answer = await create(occurrence, eventName, 1, at, at);
    } else {
      const { count, firstTimestamp } = correlation;
      const ref = { namespace: occurrence.object.namespace ?? "default", name: eventName };
      answer = await mergeObject(
        transport,
        EVENTS,
        ref,
        { count, lastTimestamp: secondTime(at) },
        { fieldManager: options.component },
      );
      // The server forgets Events after an hour.
      if (answer.error?.code === "NotFound") answer = await create(occurrence, eventName, count, firstTimestamp, at);
    }
    if (answer.error !== undefined) options.onLost?.(occurrence, answer.error.code);
  };

  const drain = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await send(next);
    sending = null;
  };

  return {
    record: (occurrence) => {
      if (queue.length >= LONGEST_QUEUE) {
        options.onLost?.(occurrence, "QueueFull");
        return;
      }
      const wallTime = wallClock();
      const correlation = correlate(correlator, occurrence, limits, clock.now(), {
        eventName: nameOf(occurrence, wallTime, sequence++),
        wallTime,
      });
      if (correlation.type === "Drop") return;
      queue.push({ occurrence, correlation, at: wallTime });
      sending ??= drain();
    },
    flush: () => sending ?? Promise.resolve(),
  };
}

/** As client-go names them, `name.` and the time in hexadecimal nanoseconds; the sequence stands for what a millisecond cannot tell apart. */
function nameOf({ object }: Occurrence, wallTime: number, sequence: number): string {
  const nanoseconds = BigInt(Math.trunc(wallTime)) * 1_000_000n + BigInt(sequence % 1_000_000);
  return `${object.name.slice(0, 230)}.${nanoseconds.toString(16)}`;
}

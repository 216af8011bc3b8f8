import { collectionPath, EVENTS, type KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { type Clock, instant } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import { mergeObject } from "./apply.ts";
import {
  correlate,
  createEventCorrelator,
  defaultEventLimits,
  type EventLimits,
  type Occurrence,
} from "./event-correlator.ts";
import { secondTime } from "./micro-time.ts";
import { sleep } from "./sleep.ts";
import type { Transport } from "./transport.ts";

/** The source of the Events, and the way to the API server. */
export interface EventRecorderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Milliseconds since 1970, for the Events' timestamps; `Date.now` by default. */
  readonly wallClock?: () => number;
  /** `source.component`; MetalLB's names, so that tools that watch for its Events find Herald's. */
  readonly component: "metallb-controller" | "metallb-speaker";
  /** `source.host`, the node of a speaker. */
  readonly host?: string;
  readonly limits?: Partial<EventLimits>;
  /** Called with an Event that could not be written and is lost. */
  readonly onLost?: (occurrence: Occurrence, because: ApiError["code"] | "QueueFull") => void;
}

/** Writes core/v1 Events about objects. */
export interface EventRecorder {
  /** Returns at once and never fails: Events are best effort. */
  readonly record: (occurrence: Occurrence) => void;
  /** Resolves when everything recorded so far was sent or dropped; sends without pauses until then. */
  readonly flush: () => Promise<void>;
}

/** Events that may wait, for a server that is slow or away: some hundred octets each, and one for each of the Services of a large cluster. */
const LONGEST_QUEUE = 20_000;
/** The longest pause between two Events, in milliseconds. */
const LONGEST_PAUSE = 1_000;

/** One Event that is to be written, made or counted up; what recurs while it waits is counted on it. */
interface Waiting {
  readonly occurrence: Occurrence;
  readonly eventName: string;
  readonly isNew: boolean;
  readonly first: number;
  count: number;
  last: number;
}

type Answer = { readonly ok: boolean; readonly error?: ApiError };

/**
 * Makes a recorder. Events are sent one after the other, with a pause after each as long as it took, so that a burst leaves most of
 * the server's capacity to other requests, and a slow server gets fewer.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { transport, clock } = options;
  const wallClock = options.wallClock ?? Date.now;
  const limits = { ...defaultEventLimits, ...options.limits };
  const correlator = createEventCorrelator();
  // By the Event's name, in the order in which they came.
  const queue = new Map<string, Waiting>();
  let sending: Promise<void> | null = null;
  let hurry = new AbortController();
  let sequence = 0;

  const create = ({ occurrence, eventName, count, first, last }: Waiting): Promise<Answer> => {
    const { object, type, reason, message } = occurrence;
    const namespace = namespaceOf(occurrence);
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
      answer: "Ignored",
    });
  };

  const send = async (waiting: Waiting): Promise<void> => {
    const { occurrence, eventName, count, last } = waiting;
    let answer: Answer;
    if (waiting.isNew) {
      answer = await create(waiting);
    } else {
      answer = await mergeObject<null>(
        transport,
        EVENTS,
        { namespace: namespaceOf(occurrence), name: eventName },
        { count, lastTimestamp: secondTime(last) },
        { fieldManager: options.component, answer: "Ignored" },
      );
      // The server forgets Events after an hour.
      if (answer.error?.code === "NotFound") answer = await create(waiting);
    }
    if (answer.error !== undefined) options.onLost?.(occurrence, answer.error.code);
  };

  const drain = async (): Promise<void> => {
    // What is recorded meanwhile joins this same iteration.
    for (const next of queue.values()) {
      queue.delete(next.eventName);
      const began = clock.now();
      await send(next);
      const pause = Math.min(clock.now() - began, LONGEST_PAUSE);
      if (pause > 0 && queue.size > 0) await sleep(clock, instant(clock.now() + pause), hurry.signal);
    }
    sending = null;
    if (hurry.signal.aborted) hurry = new AbortController();
  };

  return {
    record: (occurrence) => {
      const wallTime = wallClock();
      const correlation = correlate(correlator, occurrence, limits, clock.now(), {
        eventName: nameOf(occurrence, wallTime, sequence++),
        wallTime,
      });
      if (correlation.type === "Drop") return;
      const { eventName } = correlation;
      const isNew = correlation.type === "Create";
      const count = isNew ? 1 : correlation.count;
      const waiting = queue.get(eventName);
      if (waiting !== undefined) {
        waiting.count = count;
        waiting.last = wallTime;
      } else if (queue.size >= LONGEST_QUEUE) {
        options.onLost?.(occurrence, "QueueFull");
      } else {
        const first = isNew ? wallTime : correlation.firstTimestamp;
        queue.set(eventName, { occurrence, eventName, isNew, first, count, last: wallTime });
        sending ??= drain();
      }
    },
    flush: () => {
      if (sending !== null) hurry.abort();
      return sending ?? Promise.resolve();
    },
  };
}

/** Events about objects of the whole cluster live in "default", as client-go puts them. */
function namespaceOf({ object }: Occurrence): string {
  return object.namespace ?? "default";
}

/** As client-go names them, `name.` and the time in hexadecimal nanoseconds; the sequence stands for what a millisecond cannot tell apart. */
function nameOf({ object }: Occurrence, wallTime: number, sequence: number): string {
  const nanoseconds = BigInt(Math.trunc(wallTime)) * 1_000_000n + BigInt(sequence % 1_000_000);
  return `${object.name.slice(0, 230)}.${nanoseconds.toString(16)}`;
}

import { type Clock, instant } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import {
  correlate,
  createEventCorrelator,
  defaultEventLimits,
  type EventLimits,
  type Occurrence,
} from "./event-correlator.ts";
import { type EventWriterOptions, type WaitingEvent, writeEvent } from "./event-writer.ts";
import { sleep } from "./sleep.ts";

/** The source of the Events, the way to the API server, and limits. */
export interface EventRecorderOptions extends EventWriterOptions {
  readonly clock: Clock;
  /** Milliseconds since 1970, for the Events' timestamps; `Date.now` by default. */
  readonly wallClock?: () => number;
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

/**
 * Makes a recorder. Events are sent one after the other, with a pause after each as long as it took, so that a burst leaves most of
 * the server's capacity to other requests, and a slow server gets fewer.
 */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock } = options;
  const wallClock = options.wallClock ?? Date.now;
  const limits = { ...defaultEventLimits, ...options.limits };
  const correlator = createEventCorrelator();
  // By the Event's name, in the order in which they came.
  const queue = new Map<string, WaitingEvent>();
  let sending: Promise<void> | null = null;
  let hurry = new AbortController();
  let sequence = 0;

  const drain = async (): Promise<void> => {
    // What is recorded meanwhile joins this same iteration.
    for (const next of queue.values()) {
      queue.delete(next.eventName);
      const began = clock.now();
      const error = await writeEvent(options, next);
      if (error !== null) options.onLost?.(next.occurrence, error.code);
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

/** As client-go names them, `name.` and the time in hexadecimal nanoseconds; the sequence stands for what a millisecond cannot tell apart. */
function nameOf({ object }: Occurrence, wallTime: number, sequence: number): string {
  const nanoseconds = BigInt(Math.trunc(wallTime)) * 1_000_000n + BigInt(sequence % 1_000_000);
  return `${object.name.slice(0, 230)}.${nanoseconds.toString(16)}`;
}

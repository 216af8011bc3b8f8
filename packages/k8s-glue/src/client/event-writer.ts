import { collectionPath, EVENTS, type KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { ApiError } from "./api-error.ts";
import { mergeObject } from "./apply.ts";
import type { Occurrence } from "./event-correlator.ts";
import { secondTime } from "./micro-time.ts";
import type { Transport } from "./transport.ts";

/** The source of the Events, and the way to the API server. */
export interface EventWriterOptions {
  readonly transport: Transport;
  /** `source.component`; MetalLB's names, so that tools that watch for its Events find Herald's. */
  readonly component: "metallb-controller" | "metallb-speaker";
  /** `source.host`, the node of a speaker. */
  readonly host?: string;
}

/** One Event that is to be written, made or counted up; what recurs while it waits is counted on it. Times in milliseconds since 1970. */
export interface WaitingEvent {
  readonly occurrence: Occurrence;
  readonly eventName: string;
  readonly isNew: boolean;
  readonly first: number;
  count: number;
  last: number;
}

type Answer = { readonly ok: boolean; readonly error?: ApiError };

/** Makes the Event, or counts it up. Returns the error of the write; null without one. */
export async function writeEvent(options: EventWriterOptions, waiting: WaitingEvent): Promise<ApiError | null> {
  if (waiting.isNew) return errorOf(await createEvent(options, waiting));
  const { occurrence, eventName, count, last } = waiting;
  const answer: Answer = await mergeObject<null>(
    options.transport,
    EVENTS,
    { namespace: namespaceOf(occurrence), name: eventName },
    { count, lastTimestamp: secondTime(last) },
    { fieldManager: options.component, answer: "Ignored" },
  );
  // The server forgets Events after an hour.
  return errorOf(answer.error?.code === "NotFound" ? await createEvent(options, waiting) : answer);
}

function createEvent(
  options: EventWriterOptions,
  { occurrence, eventName, count, first, last }: WaitingEvent,
): Promise<Answer> {
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
  return options.transport.request({
    method: "POST",
    path: collectionPath(EVENTS, namespace),
    body,
    retries: 2,
    timeout: 5_000,
    answer: "Ignored",
  });
}

function errorOf({ error }: Answer): ApiError | null {
  return error ?? null;
}

/** Events about objects of the whole cluster live in "default", as client-go puts them. */
function namespaceOf({ object }: Occurrence): string {
  return object.namespace ?? "default";
}

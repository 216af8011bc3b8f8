import type { Logger } from "@herald-lb/daemon";
import {
  type ApiError,
  type EventRecorder,
  mergeObject,
  type ReconcileResult,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import { allocationEvents, type AllocationResult, servicePatch, summaryOf } from "@herald-lb/k8s-glue/ipam";
import { type Service, SERVICES, splitKey } from "@herald-lb/k8s-glue/objects";
import { involvedObject } from "./involved-object.ts";
import type { ControllerMetrics } from "./metrics.ts";

/** The parts that the writer works with. */
export interface ServiceStatusWriterOptions {
  readonly transport: Transport;
  readonly events: Pick<EventRecorder, "record">;
  readonly refusals: Pick<ControllerMetrics["refusals"], "inc">;
  readonly log: Logger;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
  /** True as long as this term may write; asked before each attempt. */
  readonly fence: () => boolean;
  /** Aborts the writes that are under way. */
  readonly signal: AbortSignal;
  /** Called with the key of a Service whose status shows its address. */
  readonly onAddressShown: (key: string) => void;
}

/** Writes what was decided about a Service into its status: one patch for each difference, and the Events that go with it. */
export class ServiceStatusWriter {
  readonly #options: ServiceStatusWriterOptions;

  constructor(options: ServiceStatusWriterOptions) {
    this.#options = options;
  }

  /** Writes one result where the status differs from it. `Retry` asks for another attempt with the Service as it is then. */
  async write(key: string, service: Service, result: AllocationResult): Promise<ReconcileResult> {
    if (result.type === "NotOurs") return { type: "Done" };
    const { refusals, events, log, wallTime, onAddressShown } = this.#options;
    const { assignment, refusal } =
      result.type === "Released" ? { assignment: null, refusal: null } : summaryOf(result);
    const patch = servicePatch(service, result, wallTime());
    if (patch !== null) {
      const error = await this.#send(key, patch);
      if (error !== null) return this.#failed(key, error);
      const facts = { service: key, addresses: assignment?.addresses ?? [], pool: assignment?.pool ?? null };
      log.info(facts, "status written");
      if (refusal !== null) refusals.inc({ code: refusal.code });
      const object = involvedObject("Service", service);
      for (const event of allocationEvents(key, service, result)) events.record({ object, ...event });
    }
    if (assignment !== null) onAddressShown(key);
    return { type: "Done" };
  }

  async #send(key: string, patch: object): Promise<ApiError | null> {
    const { transport, fence, signal } = this.#options;
    const ref = { ...splitKey(key), subresource: "status" as const };
    const answer = await mergeObject<null>(transport, SERVICES, ref, patch, {
      answer: "Ignored",
      fieldManager: "herald-controller",
      guard: fence,
      signal,
    });
    return answer.ok ? null : answer.error;
  }

  #failed(key: string, { code, message }: ApiError): ReconcileResult {
    // The Service is deleted, or this term is over: nothing is left to write.
    if (code === "NotFound" || code === "Fenced" || code === "Aborted") return { type: "Done" };
    // After a conflict the newer version is on its way to the cache.
    const level = code === "Conflict" ? "debug" : "warn";
    this.#options.log[level]({ service: key, code, error: message }, "status not written, trying again");
    return { type: "Retry" };
  }
}

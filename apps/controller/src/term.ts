import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import { type Namespace, type NamespaceLabels, type Service } from "@herald-lb/k8s-glue";
import {
  createWorkQueue,
  type EventRecorder,
  type Informer,
  mergeObject,
  type Outcome,
  SERVICES,
  splitKey,
  type Transport,
  type WorkQueue,
} from "@herald-lb/k8s-glue/client";
import type { Clock } from "@herald-lb/sansio";
import { Ledger } from "./ledger.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { servicePatch } from "./service-patch.ts";
import { settlementEvents } from "./settlement-events.ts";

/** How many status writes may be under way at once. */
const CONCURRENCY = 8;

/** What a term works with. */
export interface TermOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly services: Informer<Service>;
  /** The Services as they were when the term began: what their status records is adopted. */
  readonly recorded: readonly Service[];
  readonly namespaces: Informer<Namespace>;
  readonly configuration: ConfigurationWatch;
  readonly loadBalancerClass: string | null;
  readonly events: EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly log: Logger;
  /** Whether this term may still write. */
  readonly fence: () => boolean;
  /** Called when a Service was dealt with: counters may have changed. */
  readonly onSettled: () => void;
}

/**
 * One term of leadership: everything recorded is adopted first, then Services are settled one by one, each with one write. It ends with
 * the lease; the next term begins with a new book.
 */
export class Term {
  readonly ledger: Ledger;
  readonly #options: TermOptions;
  readonly #queue: WorkQueue<string>;
  readonly #removeHandler: () => void;
  #ended = false;

  constructor(options: TermOptions) {
    this.#options = options;
    const { services, configuration, clock } = options;
    this.ledger = new Ledger(options.loadBalancerClass, configuration.current(), this.#namespaces());
    this.ledger.adopt(options.recorded);
    this.#queue = createWorkQueue({ clock, concurrency: CONCURRENCY, process: (key) => this.#process(key) });
    this.#removeHandler = services.addHandler({
      onAdd: (key) => this.#queue.add(key),
      onUpdate: (key) => this.#queue.add(key),
      onDelete: (key) => this.#queue.add(key),
    });
  }

  /** Takes the configuration and namespaces as they are now, and settles every Service again. */
  reconfigure(): void {
    if (this.#ended) return;
    this.ledger.configure(this.#options.configuration.current(), this.#namespaces());
    for (const key of this.#options.services.store.keys()) this.#queue.add(key);
  }

  /** Whether everything known is dealt with. */
  get isIdle(): boolean {
    return this.#queue.isIdle();
  }

  /** Ends the term; what is being written is waited for. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#removeHandler();
    await this.#queue.shutDown(false);
  }

  #namespaces(): NamespaceLabels {
    return new Map(
      this.#options.namespaces.store.list().map(({ metadata }) => [metadata?.name ?? "", metadata?.labels ?? {}]),
    );
  }

  async #process(key: string): Promise<Outcome> {
    if (this.#ended) return { type: "Done" };
    const service = this.#options.services.store.get(key);
    if (service === undefined) {
      if (this.ledger.forget(key)) this.#retryPending();
      this.#options.onSettled();
      return { type: "Done" };
    }
    const { settlement, freed } = this.ledger.settle(key, service);
    this.#options.onSettled();
    if (freed) this.#retryPending();
    if (settlement.type === "NotOurs") return { type: "Done" };
    // A Service that was never a load balancer has nothing to be emptied.
    if (settlement.type === "Released" && !isMarked(service)) return { type: "Done" };
    return this.#write(key, service, settlement);
  }

  async #write(
    key: string,
    service: Service,
    settlement: Exclude<ReturnType<Ledger["settle"]>["settlement"], { type: "NotOurs" }>,
  ): Promise<Outcome> {
    const { transport, fence, log, metrics } = this.#options;
    const outcome =
      settlement.type === "Settled" ? settlement.outcome : settlement.type === "Refused" ? settlement.kept : null;
    const refusal = settlement.type === "Refused" ? settlement.refusal : (outcome?.refusal ?? null);
    if (refusal !== null) metrics.refusals.inc({ code: refusal.code });
    const patch = servicePatch(service, outcome?.assignment ?? null);
    if (patch !== null) {
      const ref = { ...splitKey(key), subresource: "status" as const };
      const answer = await mergeObject(transport, SERVICES, ref, patch, {
        fieldManager: "herald-controller",
        guard: fence,
      });
      if (!answer.ok) {
        // Somebody wrote meanwhile, or it is gone: the watch brings what is there now, and the key with it.
        if (answer.error.code === "NotFound" || answer.error.code === "Fenced") return { type: "Done" };
        log.warn({ service: key, code: answer.error.code, error: answer.error.message }, "status not written");
        return { type: "Retry" };
      }
      log.info(
        { service: key, addresses: outcome?.assignment?.addresses ?? [], pool: outcome?.assignment?.pool ?? null },
        "status written",
      );
    }
    this.#record(key, service, settlement);
    return { type: "Done" };
  }

  #record(key: string, service: Service, settlement: Parameters<typeof settlementEvents>[2]): void {
    for (const event of settlementEvents(key, service, settlement)) {
      this.#options.events.record({
        object: {
          apiVersion: "v1",
          kind: "Service",
          ...splitKey(key),
          ...(service.metadata?.uid === undefined ? {} : { uid: service.metadata.uid }),
        },
        ...event,
      });
    }
  }

  /** What became free may be just what somebody waits for. */
  #retryPending(): void {
    for (const key of this.ledger.pending) this.#queue.add(key);
  }
}

function isMarked(service: Service): boolean {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  return ingress.length > 0 || service.metadata?.annotations?.["metallb.io/ip-allocated-from-pool"] !== undefined;
}

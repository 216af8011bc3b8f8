import { createWorkQueue, type Informer, type ReconcileResult, type WorkQueue } from "@herald-lb/k8s-glue/client";
import type { AnnotationEvent, ClusterFacts, Ledger } from "@herald-lb/k8s-glue/ipam";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { Clock, Instant } from "@herald-lb/sansio";
import type { AllocationLatency } from "./allocation-latency.ts";
import type { ServiceStatusWriter } from "./service-status-writer.ts";
import type { StaleCacheGuard } from "./stale-cache-guard.ts";

/** The number of status writes that may be under way at once. */
const CONCURRENCY = 8;
/** The pause before a Service that is missing in the cache, but not deleted, is looked at again, in milliseconds. */
const CACHE_LAG = 1_000;

/** The parts that the reconciler works with. */
export interface ServiceReconcilerOptions {
  readonly clock: Clock;
  readonly services: Pick<Informer<Service>, "store" | "addHandler">;
  /** The ledger of this term, in which everything recorded is adopted already. */
  readonly ledger: Pick<
    Ledger,
    "configure" | "forget" | "hasStaleAddress" | "nextDeadline" | "takeAnnotationEvents" | "reconcile" | "takeWoken"
  >;
  readonly staleCache: Pick<StaleCacheGuard, "awaited" | "isAwaited" | "isDeleted" | "isStale">;
  readonly writer: Pick<ServiceStatusWriter, "write">;
  readonly latency: Pick<AllocationLatency, "drop" | "start">;
  /** Records Events on the annotations of a Service. */
  readonly onNotices: (service: Service, takeAnnotationEvents: readonly AnnotationEvent[]) => void;
  /** Called when the ledger may count differently than before. */
  readonly onReconciled: () => void;
}

/**
 * Brings each Service in line with the ledger: one key at a time from a work queue, with one decision and at most one write. A Service
 * comes back when it changes, when a resource that it waits for may be free, and after a write that failed.
 */
export class ServiceReconciler {
  readonly #options: ServiceReconcilerOptions;
  readonly #queue: WorkQueue<string>;
  readonly #removeHandler: () => void;
  #deadline: Instant | null = null;
  #cancelWake: () => void = () => {};
  #ended = false;

  constructor(options: ServiceReconcilerOptions) {
    this.#options = options;
    const { clock, services, latency, staleCache } = options;
    this.#queue = createWorkQueue({ clock, concurrency: CONCURRENCY, process: (key) => this.#reconcile(key) });
    this.#removeHandler = services.addHandler({
      onAdd: (key, service) => {
        if (waitsForAddress(service)) latency.start(key);
        this.#enqueue(key, service);
      },
      onUpdate: (key, service) => this.#enqueue(key, service),
      onDelete: (key) => this.#queue.add(key),
    });
    for (const key of staleCache.awaited()) this.#queue.add(key);
  }

  /** Takes new facts, and reconciles the Services that they concern. */
  reconfigure(facts: ClusterFacts): void {
    if (this.#ended) return;
    for (const key of this.#options.ledger.configure(facts)) this.#queue.add(key);
    this.#wake();
  }

  /** True while no Service is queued or under way. */
  get isIdle(): boolean {
    return this.#queue.isIdle();
  }

  /** Takes no Service any more; resolves when the writes that are under way have ended. */
  end(): Promise<void> {
    this.#ended = true;
    this.#removeHandler();
    this.#cancelWake();
    return this.#queue.shutDown(false);
  }

  /** Queues a Service first if its status names an address that the ledger may give to another: it must not wait for a thousand others. */
  #enqueue(key: string, service: Service): void {
    if (this.#options.ledger.hasStaleAddress(key, service)) this.#queue.addFirst(key);
    else this.#queue.add(key);
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    if (this.#ended) return { type: "Done" };
    const { services, staleCache, ledger, clock, writer, onNotices, onReconciled } = this.#options;
    const service = services.store.get(key);
    if (service === undefined) return this.#reconcileDeleted(key);
    // The cache will show the version that was adopted, and the handler then queues the key again.
    if (staleCache.isStale(key, service)) return { type: "Done" };
    const result = ledger.reconcile(key, service, clock.now());
    onReconciled();
    this.#wake();
    onNotices(service, ledger.takeAnnotationEvents(key));
    return writer.write(key, service, result);
  }

  async #reconcileDeleted(key: string): Promise<ReconcileResult> {
    const { staleCache, latency, ledger, clock, onReconciled } = this.#options;
    // Nothing is waited for where nothing has to be asked: a Service that waits for this address may be next in the queue.
    if (staleCache.isAwaited(key) && !(await staleCache.isDeleted(key)))
      return { type: "RetryAfter", delay: CACHE_LAG };
    latency.drop(key);
    ledger.forget(key, clock.now());
    this.#wake();
    onReconciled();
    return { type: "Done" };
  }

  /** Queues the Services for which something may have become free, and sets the timer for those that only time helps. */
  #wake(): void {
    const { clock, ledger } = this.#options;
    for (const key of ledger.takeWoken(clock.now())) this.#queue.add(key);
    const deadline = ledger.nextDeadline();
    if (deadline === this.#deadline) return;
    this.#cancelWake();
    this.#deadline = deadline;
    if (deadline === null || this.#ended) return;
    this.#cancelWake = clock.wakeAt(deadline, () => {
      this.#deadline = null;
      this.#wake();
    });
  }
}

function waitsForAddress({ spec, status }: Service): boolean {
  return spec?.type === "LoadBalancer" && !status?.loadBalancer?.ingress?.length;
}

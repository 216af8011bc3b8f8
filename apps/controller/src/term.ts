import type { Release } from "@herald-lb/allocator";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import type { EventRecorder, Informer, Transport } from "@herald-lb/k8s-glue/client";
import { type AllocationPolicy, type ClusterFacts, Ledger } from "@herald-lb/k8s-glue/ipam";
import { type ConflictsByAddress, isUnknown } from "@herald-lb/k8s-glue/metallb";
import type { Namespace, Service } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";
import { AllocationLatency } from "./allocation-latency.ts";
import { involvedObject } from "./involved-object.ts";
import type { ConfigurationKnowledge } from "./leadership-state.ts";
import type { ControllerMetrics } from "./metrics.ts";
import { NamespaceEvents } from "./namespace-events.ts";
import { namespaceFactsOf } from "./namespace-facts.ts";
import type { RecordedState } from "./recorded-state.ts";
import { ServiceReconciler } from "./service-reconciler.ts";
import { ServiceStatusWriter } from "./service-status-writer.ts";
import { StaleCacheGuard } from "./stale-cache-guard.ts";

/** The caches that a term decides from. */
export interface TermCaches {
  readonly services: Pick<Informer<Service>, "store" | "addHandler">;
  readonly namespaces: Pick<Informer<Namespace>, "store">;
  readonly configuration: Pick<ConfigurationWatch, "current">;
  /** The addresses that other stations have now. */
  readonly conflicts: () => ConflictsByAddress;
}

/** The way out of a term: requests, Events, metrics and the log. */
export interface TermOutput {
  readonly transport: Transport;
  readonly events: Pick<EventRecorder, "record">;
  readonly metrics: Pick<ControllerMetrics, "refusals" | "allocation">;
  readonly log: Logger;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
  /** True as long as this term may write. */
  readonly fence: () => boolean;
  /** Called when the counts of the pools may have changed. */
  readonly onReconciled: () => void;
}

/**
 * One term of leadership: the addresses that are recorded are adopted first, then Services are reconciled one by one. It ends with the
 * lease; the next term has a new ledger.
 */
export class Term {
  readonly ledger: Ledger;
  /** `Unknown` for a term that began without knowing the configuration: it leaves Services as they are, until another term follows. */
  readonly configuration: ConfigurationKnowledge;
  readonly #caches: TermCaches;
  readonly #releases: readonly Release[];
  readonly #namespaceEvents: NamespaceEvents;
  readonly #abort = new AbortController();
  readonly #reconciler: ServiceReconciler | null;

  // The recorded Services are not kept beyond this: they are as large as the cache.
  constructor(
    clock: Clock,
    caches: TermCaches,
    policy: AllocationPolicy,
    recorded: Pick<RecordedState, "services" | "releases">,
    output: TermOutput,
  ) {
    this.#caches = caches;
    this.#releases = recorded.releases;
    this.#namespaceEvents = new NamespaceEvents(output.events);
    this.configuration = isUnknown(caches.configuration.current()) ? "Unknown" : "Known";
    this.ledger = new Ledger(policy, this.#facts());
    this.ledger.restoreReleases(recorded.releases);
    this.ledger.adopt(recorded.services);
    this.#reconciler = this.configuration === "Known" ? this.#createReconciler(clock, recorded, output) : null;
  }

  /** Takes the configuration and the Namespaces as they are now. A configuration that is not known any more stays as it was. */
  reconfigure(): void {
    if (!isUnknown(this.#caches.configuration.current())) this.#reconciler?.reconfigure(this.#facts());
  }

  /** The releases that the next term has to know of. A ledger without pools keeps none, so that the recorded ones are passed on. */
  releases(): readonly Release[] {
    return this.configuration === "Unknown" ? this.#releases : this.ledger.releases();
  }

  /** True while no Service is queued or under way. */
  get isIdle(): boolean {
    return this.#reconciler?.isIdle ?? true;
  }

  /** Begins no write any more; resolves when those that are under way have ended. */
  async end(): Promise<void> {
    await this.#reconciler?.end();
  }

  /** Cuts off the writes that are under way. */
  abortWrites(): void {
    this.#abort.abort();
  }

  #facts(): ClusterFacts {
    const { namespaces, configuration, conflicts } = this.#caches;
    const { faults, ...facts } = namespaceFactsOf(namespaces.store.list());
    this.#namespaceEvents.record(faults);
    return { configuration: configuration.current(), conflicts: conflicts(), ...facts };
  }

  #createReconciler(
    clock: Clock,
    { services: listed }: Pick<RecordedState, "services">,
    output: TermOutput,
  ): ServiceReconciler {
    const { services } = this.#caches;
    const { transport, events, metrics, log, wallTime, fence, onReconciled } = output;
    const { signal } = this.#abort;
    const latency = new AllocationLatency(clock, metrics.allocation);
    const writer = new ServiceStatusWriter({
      transport,
      events,
      refusals: metrics.refusals,
      log,
      wallTime,
      fence,
      signal,
      onAddressShown: (key) => latency.end(key),
    });
    return new ServiceReconciler({
      clock,
      services,
      ledger: this.ledger,
      staleCache: new StaleCacheGuard({ transport, cache: services.store, listed, signal }),
      writer,
      latency,
      onNotices: (service, notices) => {
        const object = involvedObject("Service", service);
        for (const notice of notices) events.record({ object, ...notice });
      },
      onReconciled,
    });
  }
}

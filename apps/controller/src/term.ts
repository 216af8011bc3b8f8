import type { Release } from "@herald-lb/allocator";
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import {
  type AllocationPolicy,
  annotationEvent,
  type AnnotationEvent,
  type ClusterFacts,
  isUnknown,
  keyOf,
  type KubernetesObject,
  Ledger,
  type Namespace,
  type Service,
  servicePatch,
  type Settlement,
  type SettlementEvent,
  settlementEvents,
  standingOf,
} from "@herald-lb/k8s-glue";
import {
  createWorkQueue,
  type EventRecorder,
  type Informer,
  isOlderVersion,
  mergeObject,
  objectPath,
  type Outcome,
  SERVICES,
  splitKey,
  type Transport,
  type WorkQueue,
} from "@herald-lb/k8s-glue/client";
import { type Clock, type Instant, instant } from "@herald-lb/sansio";
import type { ControllerMetrics } from "./metrics.ts";
import { namespaceFactsOf } from "./namespace-facts.ts";

/** How many status writes may be under way at once. */
const CONCURRENCY = 8;
/** How long a write that is under way at the end of the term may still take, in milliseconds. */
const LAST_WRITES = 500;
/** How long the cache is given to show a Service that is known to be there, in milliseconds. */
const CACHE_LAG = 1_000;

/** What a term works with. */
export interface TermOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly services: Pick<Informer<Service>, "store" | "addHandler">;
  /** The Services as they were when the term began: what their status records is adopted. */
  readonly recorded: readonly Service[];
  readonly namespaces: Pick<Informer<Namespace>, "store">;
  readonly configuration: Pick<ConfigurationWatch, "current">;
  readonly policy: AllocationPolicy;
  /** Which address was given back when, as terms before this one knew. */
  readonly releases: readonly Release[];
  readonly events: Pick<EventRecorder, "record">;
  readonly metrics: Pick<ControllerMetrics, "refusals" | "allocation">;
  readonly log: Logger;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
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
  /** Whether it began without knowing the configuration: then it leaves Services as they are, and another term shall follow. */
  readonly isHeld: boolean;
  readonly #options: Omit<TermOptions, "recorded">;
  readonly #queue: WorkQueue<string>;
  readonly #removeHandler: () => void;
  readonly #abort = new AbortController();
  /** Since when a Service without an address has been known, for the figures. */
  readonly #addresslessSince = new Map<string, Instant>();
  /**
   * Services that the cache has older than they were listed, or not at all, with the version that they were listed in: it lags, or they
   * went before this term could hear of it.
   */
  readonly #behind = new Map<string, string>();
  /** What was said of Namespaces, so that it is not said again. */
  #complained: ReadonlySet<string> = new Set();
  #deadline: Instant | null = null;
  #cancelWake: () => void = () => {};
  #ended = false;

  constructor({ recorded, ...options }: TermOptions) {
    // What was recorded is not kept beyond this: it is as large as the cache.
    this.#options = options;
    const { services, clock } = options;
    this.isHeld = isUnknown(options.configuration.current());
    this.ledger = new Ledger(options.policy, this.#facts());
    this.ledger.restoreReleases(options.releases);
    this.ledger.adopt(recorded);
    for (const service of recorded) {
      const cached = services.store.get(keyOf(service));
      const version = versionOf(service);
      if (cached === undefined || isOlderVersion(versionOf(cached), version)) this.#behind.set(keyOf(service), version);
    }
    this.#queue = createWorkQueue({ clock, concurrency: CONCURRENCY, process: (key) => this.#process(key) });
    this.#removeHandler = services.addHandler({
      onAdd: (key, service) => {
        const waits = service.spec?.type === "LoadBalancer" && !service.status?.loadBalancer?.ingress?.length;
        if (waits) this.#addresslessSince.set(key, clock.now());
        this.#enqueue(key, service);
      },
      onUpdate: (key, service) => this.#enqueue(key, service),
      onDelete: (key) => this.#queue.add(key),
    });
    for (const key of this.#behind.keys()) this.#queue.add(key);
  }

  /** Takes the configuration and namespaces as they are now, and settles again whom that concerns. */
  reconfigure(): void {
    // What is not known any more stays as it was.
    if (this.#ended || isUnknown(this.#options.configuration.current())) return;
    for (const key of this.ledger.configure(this.#facts())) this.#queue.add(key);
    this.#wake();
  }

  /** What the next term shall know of addresses given back: without pools the book itself keeps none of it. */
  releases(): readonly Release[] {
    return this.isHeld ? this.#options.releases : this.ledger.releases();
  }

  /** Whether everything known is dealt with. */
  get isIdle(): boolean {
    return this.#queue.isIdle();
  }

  /** Ends the term; what is being written is waited for, but not for long. */
  async end(): Promise<void> {
    const { clock } = this.#options;
    this.#ended = true;
    this.#removeHandler();
    this.#cancelWake();
    const cancel = clock.wakeAt(instant(clock.now() + LAST_WRITES), () => this.#abort.abort());
    await this.#queue.shutDown(false);
    cancel();
  }

  /** What is held twice, or soon will be, is not left so for as long as a thousand others take. */
  #enqueue(key: string, service: Service): void {
    if (this.ledger.isAtOdds(key, service)) this.#queue.addFirst(key);
    else this.#queue.add(key);
  }

  #facts(): ClusterFacts {
    const { namespaces, configuration } = this.#options;
    const { faults, ...facts } = namespaceFactsOf(namespaces.store.list());
    const complained = new Set<string>();
    for (const { namespace, issue } of faults) {
      const complaint = JSON.stringify([namespace.metadata?.uid, issue]);
      complained.add(complaint);
      if (!this.#complained.has(complaint)) this.#say("Namespace", namespace, [annotationEvent(issue)]);
    }
    this.#complained = complained;
    return { configuration: configuration.current(), ...facts };
  }

  async #process(key: string): Promise<Outcome> {
    if (this.#ended || this.isHeld) return { type: "Done" };
    const service = this.#options.services.store.get(key);
    if (service === undefined) {
      if (this.#behind.has(key) && !(await this.#isGone(key))) return { type: "RetryAfter", delay: CACHE_LAG };
      this.#addresslessSince.delete(key);
      this.ledger.forget(key, this.#options.clock.now());
      this.#wake();
      this.#options.onSettled();
      return { type: "Done" };
    }
    const listed = this.#behind.get(key);
    // What was adopted is newer than this, and is on its way to the cache.
    if (listed !== undefined && isOlderVersion(versionOf(service), listed)) return { type: "Done" };
    this.#behind.delete(key);
    const settlement = this.ledger.settle(key, service, this.#options.clock.now());
    this.#options.onSettled();
    this.#wake();
    this.#say("Service", service, this.ledger.notices(key));
    return this.#write(key, service, settlement);
  }

  /** Whether the API server has a Service no more; false also where it cannot say. */
  async #isGone(key: string): Promise<boolean> {
    const { transport } = this.#options;
    const path = objectPath(SERVICES, splitKey(key));
    const found = await transport.request({ method: "GET", path, signal: this.#abort.signal });
    const isGone = !found.ok && found.error.code === "NotFound";
    if (isGone) this.#behind.delete(key);
    return isGone;
  }

  async #write(key: string, service: Service, settlement: Settlement): Promise<Outcome> {
    const { transport, fence, log, wallTime, metrics } = this.#options;
    if (settlement.type === "NotOurs") return { type: "Done" };
    const { assignment, refusal } =
      settlement.type === "Released" ? { assignment: null, refusal: null } : standingOf(settlement);
    const patch = servicePatch(service, settlement, wallTime());
    if (patch !== null) {
      const events = settlementEvents(key, service, settlement);
      const ref = { ...splitKey(key), subresource: "status" as const };
      const answer = await mergeObject<null>(transport, SERVICES, ref, patch, {
        answer: "Ignored",
        fieldManager: "herald-controller",
        guard: fence,
        signal: this.#abort.signal,
      });
      if (!answer.ok) {
        const { code, message } = answer.error;
        // It is gone, or this term is over: there is nothing to write any more.
        if (code === "NotFound" || code === "Fenced" || code === "Aborted") return { type: "Done" };
        // Somebody wrote meanwhile: what is there now is on its way to the cache.
        log[code === "Conflict" ? "debug" : "warn"]({ service: key, code, error: message }, "status not written");
        return { type: "Retry" };
      }
      log.info(
        { service: key, addresses: assignment?.addresses ?? [], pool: assignment?.pool ?? null },
        "status written",
      );
      if (refusal !== null) metrics.refusals.inc({ code: refusal.code });
      this.#say("Service", service, events);
    }
    if (assignment !== null) this.#served(key);
    return { type: "Done" };
  }

  #say(
    kind: "Service" | "Namespace",
    { metadata }: KubernetesObject,
    said: readonly (SettlementEvent | AnnotationEvent)[],
  ): void {
    const { uid, namespace, name = "" } = metadata ?? {};
    const object = {
      apiVersion: "v1",
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    };
    for (const event of said) this.#options.events.record({ object, ...event });
  }

  #served(key: string): void {
    const { clock, metrics } = this.#options;
    const since = this.#addresslessSince.get(key);
    if (since === undefined) return;
    this.#addresslessSince.delete(key);
    metrics.allocation.observe((clock.now() - since) / 1_000);
  }

  /** Something may have become what somebody waits for: now, or by the mere passing of time. */
  #wake(): void {
    const { clock } = this.#options;
    for (const key of this.ledger.takeWoken(clock.now())) this.#queue.add(key);
    const deadline = this.ledger.nextDeadline();
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

function versionOf(service: Service): string {
  return service.metadata?.resourceVersion ?? "";
}

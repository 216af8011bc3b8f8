import { hostname } from "node:os";
import {
  type Condition,
  type ConfigurationWatch,
  type FlagValues,
  type Logger,
  watchConfiguration,
} from "@herald-lb/daemon";
import type { Namespace, Service } from "@herald-lb/k8s-glue";
import {
  createEventRecorder,
  createInformer,
  createLeaseElector,
  type EventRecorder,
  type Informer,
  type LeaseElector,
  NAMESPACES,
  SERVICES,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import { type Clock, instant } from "@herald-lb/sansio";
import { ConfigurationStatus } from "./configuration-status.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";
import { type ControllerMetrics, createControllerMetrics } from "./metrics.ts";
import { listServices } from "./list-services.ts";
import { Term } from "./term.ts";

/** The Lease that replicas contend for. */
const LEASE = "herald-controller";
/** Changes that come together are read together: this many milliseconds after the first. */
const SETTLE = 50;

/** What a controller is made of. */
export interface ControllerOptions {
  readonly flags: FlagValues;
  readonly namespace: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Wires caches, the lease and the terms together. */
export class Controller {
  readonly metrics: ControllerMetrics = createControllerMetrics();
  readonly #options: ControllerOptions;
  readonly #services: Informer<Service>;
  readonly #namespaces: Informer<Namespace>;
  readonly #configuration: ConfigurationWatch;
  readonly #events: EventRecorder;
  readonly #elector: LeaseElector | null;
  #term: Term | null = null;
  #status: ConfigurationStatus | null = null;
  #leader: string | null = null;
  #synced = false;
  #reconfiguring = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { transport, clock, namespace, flags, log } = options;
    const common = { transport, clock, random: Math.random };
    this.#services = createInformer<Service>({ ...common, resource: SERVICES });
    this.#namespaces = createInformer<Namespace>({ ...common, resource: NAMESPACES });
    this.#configuration = watchConfiguration(transport, clock, namespace);
    this.#events = createEventRecorder({ transport, clock, component: "metallb-controller" });
    const pod = flags.text("pod-name");
    this.#elector = flags.isSet("leader-elect")
      ? createLeaseElector({
          ...common,
          namespace,
          name: LEASE,
          identity: `${pod === "" ? hostname() : pod}_${crypto.randomUUID()}`,
          onAcquired: (fence) => void this.#begin(fence),
          onLost: (because) => void this.#end(because),
          onLeader: (identity) => {
            this.#leader = identity;
            log.info({ leader: identity }, "leader observed");
          },
          onError: (error) => log.warn({ code: error.code, error: error.message }, "lease request failed"),
        })
      : null;
  }

  /** Lists the cluster, then contends for the lease. */
  async start(): Promise<void> {
    const { flags, transport, namespace, log } = this.#options;
    const informers = [this.#services, this.#namespaces, ...this.#configuration.informers];
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.whenSynced()));
    this.#synced = true;
    this.#configuration.onChange(() => this.#reconfigureSoon());
    const touch = (): void => this.#reconfigureSoon();
    this.#namespaces.addHandler({
      onDelete: touch,
      onUpdate: (_key, now, before) => {
        if (JSON.stringify(now.metadata?.labels ?? {}) !== JSON.stringify(before.metadata?.labels ?? {})) touch();
      },
    });
    this.#showConfiguration();
    log.info({ services: this.#services.store.size }, "synced");
    const secret = flags.text("ml-secret-name");
    if (secret !== "") await ensureMemberlistSecret(transport, namespace, secret, flags.text("deployment"), log);
    if (this.#elector === null) await this.#begin(() => true);
    else this.#elector.start();
  }

  /** What readiness depends on: a standby is ready, and says that it stands by. */
  get conditions(): readonly Condition[] {
    return [
      { name: "caches", trouble: () => (this.#synced ? null : "not everything is listed yet") },
      {
        name: this.#term === null ? `standing by for ${this.#leader ?? "the first leader"}` : "leading",
        trouble: () => null,
      },
    ];
  }

  /** What the metrics endpoint answers, with the allocator's figures of the moment. */
  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    const pools = this.#configuration.current().pools.map(({ pool }) => pool.name);
    this.metrics.show(this.#term?.ledger ?? null, pools);
    return this.metrics.exposition();
  }

  /** Ends the term and gives the lease back, so that a standby need not wait for it. */
  async stop(): Promise<void> {
    await this.#end("Stopped");
    await this.#elector?.stop();
    await this.#events.flush();
  }

  async #begin(fence: () => boolean): Promise<void> {
    const { transport, clock, flags, log, namespace } = this.#options;
    await this.#end("a new term");
    const recorded = await listServices(transport, fence, log);
    if (recorded === null || !fence()) return;
    log.info({ services: recorded.length }, "leading");
    this.metrics.leader.set(1);
    const loadBalancerClass = flags.text("lb-class") === "" ? null : flags.text("lb-class");
    this.#term = new Term({
      transport,
      clock,
      services: this.#services,
      recorded,
      namespaces: this.#namespaces,
      configuration: this.#configuration,
      loadBalancerClass,
      events: this.#events,
      metrics: this.metrics,
      log,
      fence,
      onSettled: () => this.#status?.touch(),
    });
    this.#status = new ConfigurationStatus({
      transport,
      clock,
      namespace,
      configuration: this.#configuration,
      ledger: this.#term.ledger,
      events: this.#events,
      fence,
      log,
    });
    this.#status.touch();
  }

  async #end(because: string): Promise<void> {
    const term = this.#term;
    if (term === null) return;
    this.#term = null;
    this.#status?.end();
    this.#status = null;
    this.metrics.leader.set(0);
    this.#options.log.info({ because }, "no longer leading");
    await term.end();
  }

  #reconfigureSoon(): void {
    const { clock } = this.#options;
    if (this.#reconfiguring) return;
    this.#reconfiguring = true;
    clock.wakeAt(instant(clock.now() + SETTLE), () => {
      this.#reconfiguring = false;
      this.#showConfiguration();
      this.#term?.reconfigure();
      this.#status?.touch();
    });
  }

  #showConfiguration(): void {
    const { issues, pools } = this.#configuration.current();
    const rejected = issues.filter(({ effect }) => effect === "Rejected");
    this.metrics.configLoaded.set(1);
    this.metrics.configStale.set(rejected.length > 0 ? 1 : 0);
    for (const issue of issues) {
      this.#options.log.warn(
        { kind: issue.object.kind, name: issue.object.name, path: issue.path, code: issue.code },
        issue.message,
      );
    }
    this.#options.log.info({ pools: pools.map(({ pool }) => pool.name), issues: issues.length }, "configuration read");
  }
}

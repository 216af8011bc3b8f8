import { hostname } from "node:os";
import {
  type HealthCheck,
  ConfigurationStateWriter,
  type ConfigurationWatch,
  type DaemonContext,
  followCluster,
  type FollowedCluster,
  PacedWriter,
  wallTime,
  watchConfiguration,
} from "@herald-lb/daemon";
import { isUnknown, type Namespace, type Service } from "@herald-lb/k8s-glue";
import {
  createEventRecorder,
  createLeaseElector,
  type EventRecorder,
  type Informer,
  type LeaseElector,
  NAMESPACES,
  SERVICES,
} from "@herald-lb/k8s-glue/client";
import { instant } from "@herald-lb/sansio";
import { ReleaseConfigMap } from "./release-config-map.ts";
import { ConfigurationStatusWriter } from "./configuration-status-writer.ts";
import { leadershipOf } from "./leadership.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";
import { type ControllerMetrics, createControllerMetrics } from "./metrics.ts";
import { listServices } from "./list-services.ts";
import { namespaceFactsOf, partOfNamespace } from "./namespace-facts.ts";
import { ownPod } from "./own-pod.ts";
import { allocationPolicyOf, hostAddressPolicyOf } from "./policy.ts";
import { HostAddressWatch } from "./host-address-watch.ts";
import { Term } from "./term.ts";

/** The Lease that replicas contend for. */
const LEASE = "herald-controller";
/** Changes that come together are read together: this many milliseconds after the first. */
const SETTLE = 50;
/** How long to wait before the ring's secret is looked after again, in milliseconds. */
const SECRET_PAUSE = 5_000;
/** How long giving the lease back and sending the last Events may each hold up the end, in milliseconds. */
const LAST_REQUESTS = 600;

/** Wires caches, the lease and the terms together. */
export class Controller {
  readonly metrics: ControllerMetrics = createControllerMetrics();
  readonly #options: DaemonContext;
  readonly #cluster: FollowedCluster;
  readonly #services: Informer<Service>;
  readonly #namespaces: Informer<Namespace>;
  readonly #hostAddresses: HostAddressWatch;
  readonly #configuration: ConfigurationWatch;
  readonly #events: EventRecorder;
  readonly #elector: LeaseElector | null;
  #term: Term | null = null;
  #fence: () => boolean = () => false;
  #status: PacedWriter | null = null;
  #leader: string | null = null;
  /** The issues that the log has, as text: a change elsewhere does not make them news. */
  #logged: ReadonlySet<string> = new Set();
  #reconfiguring = false;
  #stopping = false;

  constructor(options: DaemonContext) {
    this.#options = options;
    const { transport, clock, namespace, flags, log } = options;
    const common = { transport, clock, random: Math.random };
    this.#cluster = followCluster(transport, clock, log);
    this.#services = this.#cluster.follow<Service>(SERVICES);
    this.#namespaces = this.#cluster.follow<Namespace>(NAMESPACES);
    this.#hostAddresses = new HostAddressWatch({
      transport,
      clock,
      namespace,
      policy: hostAddressPolicyOf(flags),
      onChange: () => {
        this.#configuration.refresh();
        this.#reconfigureSoon();
      },
      log,
    });
    this.#configuration = watchConfiguration(this.#cluster, namespace, {
      surroundings: () => this.#hostAddresses.current(),
    });
    this.#events = createEventRecorder({ transport, clock, component: "metallb-controller" });
    const pod = flags.text("pod-name");
    this.#elector = flags.isSet("leader-elect")
      ? createLeaseElector({
          ...common,
          namespace,
          name: LEASE,
          identity: `${pod === "" ? hostname() : pod}_${crypto.randomUUID()}`,
          onAcquired: (fence) => {
            // Who led before is over; after this term that is not who is waited for.
            this.#leader = null;
            void this.#begin(fence);
          },
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
    const { log } = this.#options;
    await Promise.all([this.#cluster.start(), this.#hostAddresses.start()]);
    this.#configuration.onChange(() => this.#reconfigureSoon());
    const touch = (): void => this.#reconfigureSoon();
    this.#namespaces.addHandler({
      onAdd: touch,
      onDelete: touch,
      onUpdate: (_key, now, before) => {
        if (partOfNamespace(now) !== partOfNamespace(before)) touch();
      },
    });
    this.#showConfiguration();
    log.info({ services: this.#services.store.size }, "synced");
    void this.#lookAfterSecret();
    if (this.#elector === null) await this.#begin(() => !this.#stopping);
    else this.#elector.start();
  }

  /** What readiness depends on: a standby is ready, and says that it stands by. */
  get healthChecks(): readonly HealthCheck[] {
    return [
      ...this.#cluster.healthChecks,
      {
        name: leadershipOf(this.#term !== null, this.#leader),
        failure: () => null,
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
    const { clock } = this.#options;
    this.#stopping = true;
    await this.#end("Stopped");
    const late = (): Promise<void> =>
      new Promise((resolve) => clock.wakeAt(instant(clock.now() + LAST_REQUESTS), resolve));
    await Promise.race([this.#elector?.stop(), late()]);
    await Promise.race([this.#events.flush(), late()]);
  }

  async #begin(fence: () => boolean): Promise<void> {
    this.#fence = fence;
    const { transport, clock, flags, log, namespace } = this.#options;
    await this.#end("a new term");
    const recorded = await listServices(transport, clock, fence, log);
    if (recorded === null || !fence() || this.#stopping) return;
    const memory = new ReleaseConfigMap({ transport, namespace, wallClock: Date.now, clock, fence, log });
    const releases = await memory.read();
    const owner = await ownPod(transport, namespace, flags.text("pod-name"));
    if (!fence() || this.#stopping) return;
    log.info({ services: recorded.length }, "leading");
    this.metrics.leader.set(1);
    const term = new Term({
      transport,
      clock,
      services: this.#services,
      recorded,
      namespaces: this.#namespaces,
      configuration: this.#configuration,
      policy: allocationPolicyOf(flags),
      releases,
      events: this.#events,
      metrics: this.metrics,
      log,
      wallTime,
      fence,
      onSettled: () => this.#status?.touch(),
    });
    this.#term = term;
    const status = new ConfigurationStatusWriter({
      transport,
      wallTime,
      configuration: this.#configuration,
      ledger: term.ledger,
      nodes: () => this.#hostAddresses.nodes(),
      namespaces: () => namespaceFactsOf(this.#namespaces.store.list()).namespaces,
      events: this.#events,
      fence,
      log,
    });
    const state = new ConfigurationStateWriter({
      transport,
      component: { type: "controller" },
      namespace,
      fence,
      wallTime,
      log,
    });
    this.#status = new PacedWriter(clock, async () => {
      const written = [
        await status.write(),
        await state.write(this.#configuration.current().issues, owner),
        await memory.write(term.releases()),
      ];
      return written.every((whole) => whole);
    });
    this.#status.touch();
  }

  async #lookAfterSecret(): Promise<void> {
    const { flags, transport, namespace, log, clock } = this.#options;
    const secret = flags.text("ml-secret-name");
    if (secret === "" || this.#stopping) return;
    if (await ensureMemberlistSecret(transport, namespace, secret, flags.text("deployment"), log)) return;
    clock.wakeAt(instant(clock.now() + SECRET_PAUSE), () => void this.#lookAfterSecret());
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
      if (this.#term?.isHeld === true && !isUnknown(this.#configuration.current())) void this.#begin(this.#fence);
      else this.#term?.reconfigure();
      this.#status?.touch();
    });
  }

  #showConfiguration(): void {
    const { issues, pools } = this.#configuration.current();
    const rejected = issues.filter(({ effect }) => effect === "Rejected");
    this.metrics.configLoaded.set(1);
    this.metrics.configStale.set(rejected.length > 0 ? 1 : 0);
    const logged = new Set<string>();
    for (const { object, path, code, effect, message } of issues) {
      const facts = { kind: object.kind, name: object.name, path, code };
      const text = JSON.stringify([facts, message]);
      logged.add(text);
      if (!this.#logged.has(text)) this.#options.log[effect === "Noted" ? "info" : "warn"](facts, message);
    }
    this.#logged = logged;
    this.#options.log.info({ pools: pools.map(({ pool }) => pool.name), issues: issues.length }, "configuration read");
  }
}

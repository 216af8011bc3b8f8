import { hostname } from "node:os";
import {
  type ConfigurationWatch,
  type DaemonContext,
  followCluster,
  type FollowedCluster,
  type HealthCheck,
  type PacedWriter,
  pause,
  wallTime,
  watchConfiguration,
} from "@herald-lb/daemon";
import {
  createEventRecorder,
  createLeaseElector,
  type EventRecorder,
  type Informer,
  type LeaseElector,
} from "@herald-lb/k8s-glue/client";
import { isUnknown } from "@herald-lb/k8s-glue/metallb";
import { type Namespace, NAMESPACES, type Service, SERVICES } from "@herald-lb/k8s-glue/objects";
import { createDriver, deepEqual, type Driver, unreachable } from "@herald-lb/sansio";
import { ConfigurationLog } from "./configuration-log.ts";
import { HostAddressWatch } from "./host-address-watch.ts";
import {
  type ConfigurationKnowledge,
  initialLeadership,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeadershipState,
} from "./leadership-state.ts";
import { describeLeadership, leadershipMachine } from "./leadership.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";
import { type ControllerMetrics, createControllerMetrics } from "./metrics.ts";
import { namespaceFactsOf, partOfNamespace } from "./namespace-facts.ts";
import { allocationPolicyOf, hostAddressPolicyOf } from "./policy.ts";
import { readRecordedState, type RecordedState } from "./recorded-state.ts";
import { SpeakerStateWatch } from "./speaker-state-watch.ts";
import { namespaceTransform, allocatedServiceTransform } from "./kept-fields.ts";
import { createTermReports } from "./term-reports.ts";
import { Term } from "./term.ts";

/** The name of the Lease that replicas contend for. */
const LEASE = "herald-controller";
/** The time in which changes of the configuration are collected after the first one, in milliseconds. */
const CONFIGURATION_DELAY = 50;
/** The longest that giving back the Lease and sending the last Events may each take at the end, in milliseconds. */
const LAST_REQUESTS = 600;

interface PreparedTerm {
  readonly term: number;
  readonly recorded: RecordedState;
  readonly fence: () => boolean;
}

/** The controller: caches, leader election and the terms of leadership, wired together. */
export class Controller {
  readonly metrics: ControllerMetrics = createControllerMetrics();
  readonly #context: DaemonContext;
  readonly #cluster: FollowedCluster;
  readonly #services: Informer<Service>;
  readonly #namespaces: Informer<Namespace>;
  readonly #speakerStates: SpeakerStateWatch;
  readonly #hostAddresses: HostAddressWatch;
  readonly #configuration: ConfigurationWatch;
  readonly #configurationLog: ConfigurationLog;
  readonly #events: EventRecorder;
  readonly #elector: LeaseElector | null;
  readonly #leadership: Driver<LeadershipState, LeadershipEvent>;
  readonly #left = Promise.withResolvers<void>();
  /** The fence of the last Lease that was won; without leader election open until the process ends. */
  #fence: () => boolean = () => !this.#stopping;
  /** The state that the term of this number adopts, and the fence that was open while it was read. */
  #prepared: PreparedTerm | null = null;
  #term: Term | null = null;
  /** The term whose last writes are under way. */
  #ending: Term | null = null;
  #reports: PacedWriter | null = null;
  #reconfiguring = false;
  #stopping = false;

  constructor(context: DaemonContext) {
    this.#context = context;
    const { transport, clock, namespace, flags, log } = context;
    this.#configurationLog = new ConfigurationLog(log, this.metrics);
    this.#cluster = followCluster(transport, clock, log);
    this.#services = this.#cluster.follow<Service>(SERVICES, { transform: allocatedServiceTransform });
    this.#namespaces = this.#cluster.follow<Namespace>(NAMESPACES, { transform: namespaceTransform });
    const onHostAddresses = (): void => {
      this.#configuration.refresh();
      this.#reconfigureSoon();
    };
    const onSessions = (): void => this.#reports?.touch();
    const onConflicts = (): void => this.#term?.reconfigure();
    this.#speakerStates = new SpeakerStateWatch({
      transport,
      clock,
      namespace,
      onGateways: onHostAddresses,
      onSessions,
      onConflicts,
      log,
    });
    this.#hostAddresses = new HostAddressWatch({
      transport,
      clock,
      gateways: () => this.#speakerStates.gateways(),
      policy: hostAddressPolicyOf(flags),
      onChange: onHostAddresses,
      onReachability: () => {
        onSessions();
        onConflicts();
      },
      log,
    });
    this.#configuration = watchConfiguration(this.#cluster, namespace, {
      hostAddresses: () => this.#hostAddresses.current(),
    });
    this.#events = createEventRecorder({ transport, clock, component: "metallb-controller" });
    this.#leadership = createDriver<LeadershipState, LeadershipEvent, LeadershipEffect>({
      machine: leadershipMachine,
      initial: initialLeadership,
      perform: (effect) => this.#perform(effect),
      clock,
    });
    this.#elector = flags.isSet("leader-elect") ? this.#createElector() : null;
  }

  /** Lists the cluster, then contends for the Lease. */
  async start(): Promise<void> {
    const { transport, clock, namespace, flags, log } = this.#context;
    this.#speakerStates.start();
    await Promise.all([this.#cluster.start(), this.#hostAddresses.start()]);
    const changed = (): void => this.#reconfigureSoon();
    this.#configuration.onChange(changed);
    this.#namespaces.addHandler({
      onAdd: changed,
      onDelete: changed,
      onUpdate: (_key, now, before) => {
        if (!deepEqual(partOfNamespace(now), partOfNamespace(before))) changed();
      },
    });
    this.#configurationLog.report(this.#configuration.current());
    log.info({ services: this.#services.store.size }, "synced");
    const names = { namespace, secret: flags.text("ml-secret-name"), deployment: flags.text("deployment") };
    if (names.secret !== "") void ensureMemberlistSecret(transport, clock, names, log, () => !this.#stopping);
    if (this.#elector === null) this.#leadership.dispatch({ type: "LeaseAcquired" });
    else this.#elector.start();
  }

  /** The checks of readiness. A standby is ready, and says that it stands by. */
  get healthChecks(): readonly HealthCheck[] {
    return [...this.#cluster.healthChecks, { name: describeLeadership(this.#leadership.state), failure: () => null }];
  }

  /** The text of `/metrics`, with the allocator's counts of the moment. */
  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    const pools = this.#configuration.current().pools.map(({ pool }) => pool.name);
    this.metrics.show(this.#term?.ledger ?? null, pools);
    return this.metrics.exposition();
  }

  /** Ends the term and gives the Lease back, so that a standby need not wait for it to expire. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#leadership.dispatch({ type: "Shutdown" });
    return this.#left.promise;
  }

  #createElector(): LeaseElector {
    const { transport, clock, namespace, flags, log } = this.#context;
    const pod = flags.text("pod-name");
    return createLeaseElector({
      transport,
      clock,
      random: Math.random,
      namespace,
      name: LEASE,
      identity: `${pod === "" ? hostname() : pod}_${crypto.randomUUID()}`,
      onAcquired: (fence) => {
        this.#fence = fence;
        this.#leadership.dispatch({ type: "LeaseAcquired" });
      },
      onLost: (because) => this.#leadership.dispatch({ type: "LeaseLost", because }),
      onLeader: (identity) => {
        this.#leadership.dispatch({ type: "LeaderObserved", identity });
        log.info({ leader: identity }, "leader observed");
      },
      onError: (error) => log.warn({ code: error.code, error: error.message }, "lease request failed"),
    });
  }

  #perform(effect: LeadershipEffect): void {
    switch (effect.type) {
      case "ReadRecordedState":
        return void this.#readRecordedState(effect.term);
      case "BeginTerm":
        return this.#beginTerm(effect.term);
      case "Reconfigure":
        this.#term?.reconfigure();
        return this.#reports?.touch();
      case "EndTerm":
        return void this.#endTerm(effect.term, effect.because);
      case "AbortWrites":
        return this.#ending?.abortWrites();
      case "ReleaseLease":
        return void this.#leave();
      default:
        return unreachable(effect);
    }
  }

  async #readRecordedState(term: number): Promise<void> {
    const { transport, clock, namespace, flags, log } = this.#context;
    const fence = this.#fence;
    const podName = flags.text("pod-name");
    const recorded = await readRecordedState({ transport, clock, namespace, podName, fence, log });
    if (recorded === null) {
      this.#leadership.dispatch({ type: "RecordedStateFenced", term });
      return;
    }
    this.#prepared = { term, recorded, fence };
    this.#leadership.dispatch({ type: "RecordedStateRead", term, configuration: this.#knowledge() });
  }

  #beginTerm(number: number): void {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared === null || prepared.term !== number) throw new Error(`term ${number} was not prepared`);
    const { recorded, fence } = prepared;
    const { transport, clock, flags, log, namespace } = this.#context;
    const common = { transport, wallTime, fence, log, events: this.#events };
    log.info({ services: recorded.services.length }, "leading");
    this.metrics.leader.set(1);
    const caches = {
      services: this.#services,
      namespaces: this.#namespaces,
      configuration: this.#configuration,
      conflicts: () => this.#speakerStates.conflicts(this.#hostAddresses.nodes()),
    };
    const term = new Term(clock, caches, allocationPolicyOf(flags), recorded, {
      ...common,
      metrics: this.metrics,
      onReconciled: () => this.#reports?.touch(),
    });
    this.#term = term;
    this.#reports = createTermReports(term, recorded, {
      ...common,
      clock,
      namespace,
      configuration: this.#configuration,
      nodes: () => this.#hostAddresses.nodes(),
      sessions: () => this.#speakerStates.sessions(),
      namespaces: () => namespaceFactsOf(this.#namespaces.store.list()).namespaces,
    });
    this.#reports.touch();
  }

  async #endTerm(number: number, because: string): Promise<void> {
    this.#ending = this.#term;
    this.#term = null;
    this.#reports?.end();
    this.#reports = null;
    this.metrics.leader.set(0);
    this.#context.log.info({ because }, "no longer leading");
    await this.#ending?.end();
    this.#ending = null;
    this.#leadership.dispatch({ type: "TermEnded", term: number });
  }

  async #leave(): Promise<void> {
    const { clock } = this.#context;
    await Promise.race([this.#elector?.stop(), pause(clock, LAST_REQUESTS)]);
    await Promise.race([this.#events.flush(), pause(clock, LAST_REQUESTS)]);
    this.#left.resolve();
  }

  #reconfigureSoon(): void {
    if (this.#reconfiguring) return;
    this.#reconfiguring = true;
    void pause(this.#context.clock, CONFIGURATION_DELAY).then(() => {
      this.#reconfiguring = false;
      this.#configurationLog.report(this.#configuration.current());
      this.#leadership.dispatch({ type: "ConfigurationChanged", configuration: this.#knowledge() });
    });
  }

  #knowledge(): ConfigurationKnowledge {
    return isUnknown(this.#configuration.current()) ? "Unknown" : "Known";
  }
}

import {
  ConfigurationStateWriter,
  type ConfigurationWatch,
  type DaemonContext,
  followCluster,
  type FollowedCluster,
  type HealthCheck,
  type NodeState,
  type Pages,
  PacedSignal,
  PacedWriter,
  pause,
  wallTime,
  watchConfiguration,
} from "@herald-lb/daemon";
import type { WorkerHandle } from "@herald-lb/host";
import { endedSessions } from "@herald-lb/k8s-glue/announce";
import { createEventRecorder, type EventRecorder } from "@herald-lb/k8s-glue/client";
import type { OwnerReference } from "@herald-lb/k8s-glue/objects";
import { ApiServerProbe } from "./api-server-probe.ts";
import { addBfdMetrics } from "./bfd-metrics.ts";
import { readCollector } from "./bmp-collector.ts";
import { type Caches, createCaches } from "./caches.ts";
import { ClusterChanges } from "./cluster-changes.ts";
import { ClusterReports } from "./cluster-reports.ts";
import { Layer2 } from "./layer2.ts";
import { MembershipPort } from "./membership-port.ts";
import { createSpeakerMetrics, type SpeakerMetrics } from "./metrics.ts";
import { JOURNAL_PATH } from "./route-journal.ts";
import { Routing } from "./routing.ts";
import { ServiceStatuses } from "./service-statuses.ts";
import type { SpeakerHost } from "./speaker-host.ts";
import { WorkerReports } from "./worker-reports.ts";
import { avoidedNodes, membershipBind, workerSettings } from "./worker-settings.ts";
import type { ToWorker } from "./worker/protocol.ts";

/** The pauses between writes of sessions, or of conflicts, that keep changing. */
const REPORT_PAUSES = { shortest: 1_000, longest: 60_000 };
/** The longest that the last write may take at the end, in milliseconds. */
const LAST_WRITE = 300;

/** A daemon's context, and the node of the speaker. */
export interface SpeakerOptions extends DaemonContext {
  /** The Node's name. */
  readonly node: string;
  readonly host: SpeakerHost;
}

/** Wires caches, the worker and the BGP speaker together. */
export class Speaker {
  readonly metrics: SpeakerMetrics;
  /** The journal of routes. */
  readonly pages: Pages;
  readonly #options: SpeakerOptions;
  readonly #cluster: FollowedCluster;
  readonly #caches: Caches;
  readonly #configuration: ConfigurationWatch;
  readonly #changes: ClusterChanges;
  readonly #apiServerProbe: ApiServerProbe;
  readonly #events: EventRecorder;
  readonly #statuses: ServiceStatuses;
  readonly #writeState: (report: NodeState) => Promise<boolean>;
  readonly #stateWriter: PacedWriter;
  readonly #sessionSignal: PacedSignal;
  readonly #conflictSignal: PacedSignal;
  readonly #layer2: Layer2;
  readonly #routing: Routing;
  /** Null where the speakers form no memberlist cluster. */
  readonly #membershipPort: MembershipPort | null;
  readonly #worker: WorkerHandle<ToWorker>;
  readonly #workerReports: WorkerReports;
  readonly #clusterReports: ClusterReports;
  #stopping = false;
  #stopped = false;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    const { flags, transport, clock, namespace, node, host, log } = options;
    this.#cluster = followCluster(transport, clock, log);
    const bind = membershipBind(flags);
    this.#caches = createCaches(this.#cluster, namespace, node, bind === null ? "" : flags.text("ml-labels"));
    this.#configuration = watchConfiguration(this.#cluster, namespace);
    this.#events = createEventRecorder({ transport, clock, component: "metallb-speaker", host: node });
    const owner = (): OwnerReference | null => this.#caches.podReference(flags.text("pod-name"));
    this.#statuses = new ServiceStatuses({ transport, clock, namespace, node, log, owner });
    const state = new ConfigurationStateWriter({
      transport,
      component: { type: "speaker", node },
      namespace,
      fence: () => !this.#stopped,
      wallTime,
      gateways: host.readDefaultGateways,
      log,
    });
    this.#writeState = (report) => {
      const issues = [...this.#configuration.current().issues, ...this.#routing.issues];
      return state.write(issues, owner(), report);
    };
    this.#stateWriter = new PacedWriter(clock, () =>
      this.#writeState({ sessions: this.#routing.sessions, conflicts: this.#layer2.conflicts }),
    );
    this.#sessionSignal = new PacedSignal(clock, () => this.#stateWriter.touch(), REPORT_PAUSES);
    this.#conflictSignal = new PacedSignal(clock, () => this.#stateWriter.touch(), REPORT_PAUSES);
    const shared = {
      statuses: this.#statuses,
      node,
      caches: this.#caches,
      configuration: this.#configuration,
      ignoreExcludeLb: flags.isSet("ignore-exclude-lb"),
      avoidedNodes: avoidedNodes(flags),
      loadBalancerClass: flags.text("lb-class") === "" ? null : flags.text("lb-class"),
      events: this.#events,
      log,
    };
    const bmpCollector = readCollector(flags.text("bmp-collector"));
    if (bmpCollector === null && flags.text("bmp-collector") !== "")
      log.error(
        { value: flags.text("bmp-collector") },
        "flag --bmp-collector is not HOST:PORT; the speaker runs without BMP",
      );
    const tell = (message: ToWorker): void => this.#worker.post(message);
    this.#routing = new Routing({
      ...shared,
      clock,
      host,
      gracefulShutdownLimit: flags.number("bgp-graceful-shutdown-limit"),
      onExclusionPassed: () => this.#changes.reconcileAll(),
      bmpCollector,
      tell,
      onSessions: () => this.#sessionSignal.touch(),
      onInterfaces: (interfaces) => tell({ type: "RoutersWanted", interfaces }),
    });
    this.pages = new Map([[JOURNAL_PATH, (query) => this.#routing.journal(query)]]);
    this.metrics = createSpeakerMetrics(() => this.#routing.peers());
    addBfdMetrics(this.metrics.registry, () => this.#routing.bfd.sessions);
    this.#routing.countIn(this.metrics);
    this.#apiServerProbe = new ApiServerProbe({
      transport,
      clock,
      onProbed: (reached) => tell({ type: "ApiServerProbed", reached }),
    });
    this.#layer2 = new Layer2({
      ...shared,
      clock,
      metrics: this.metrics,
      tell,
      onConflicts: () => this.#conflictSignal.touch(),
    });
    this.#membershipPort =
      bind === null ? null : new MembershipPort({ bind, clock, openStreams: host.openMembershipStreams, tell, log });
    this.#workerReports = new WorkerReports({
      layer2: this.#layer2,
      apiServerProbe: this.#apiServerProbe,
      membershipPort: this.#membershipPort,
      routing: this.#routing,
      metrics: this.metrics,
      log,
    });
    this.#worker = host.startWorker(
      workerSettings(flags, node, log),
      (message) => this.#workerReports.receive(message),
      (code, error) => {
        if (this.#stopping && code === 0) return;
        // Without the worker this node answers for nothing: the other speakers must see it fail.
        log.fatal({ code, err: error }, "the worker thread ended, so the speaker exits; the kubelet starts it again");
        host.exit(70);
      },
    );
    this.#clusterReports = new ClusterReports({ node, caches: this.#caches, port: flags.number("ml-bindport"), tell });
    this.#changes = new ClusterChanges({
      ...shared,
      clock,
      reconcile: (key) => this.#reconcile(key),
      flush: () => this.#routing.flush(),
      configurePeers: () => this.#configurePeers(),
      onNodes: () => this.#clusterReports.tellNodes(),
      onPods: () => this.#clusterReports.tellPeers(),
    });
  }

  /** Lists the cluster, then announces; resolves when it has dealt with every listed object. */
  async start(): Promise<void> {
    void this.#membershipPort?.open();
    await this.#cluster.start();
    if (this.#stopping) return;
    this.#clusterReports.start();
    this.#statuses.start();
    this.#changes.start();
    this.#routing.startMonitoring();
    this.#worker.post({ type: "RequestsListed" });
    this.metrics.configLoaded.set(1);
    const { services, nodes } = this.#caches;
    this.#options.log.info({ services: services.store.size, nodes: nodes.store.size }, "synced");
  }

  /** The text of the metrics endpoint. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    return this.metrics.exposition();
  }

  /** The checks of readiness. */
  get healthChecks(): readonly HealthCheck[] {
    return [
      ...this.#cluster.healthChecks,
      { name: "sockets", failure: () => this.#workerReports.problem },
      { name: "membership streams", failure: () => this.#membershipPort?.problem ?? null },
    ];
  }

  /** Hands over: leaves the memberlist cluster, withdraws the routes, stops answering. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#membershipPort?.end();
    this.#changes.stop();
    this.#apiServerProbe.want(false);
    this.#sessionSignal.end();
    this.#conflictSignal.end();
    this.#stateWriter.end();
    this.#statuses.stop();
    this.#worker.post({ type: "StopRequested" });
    const sessions = endedSessions(this.#routing.sessions);
    const isReported = sessions.length > 0 || this.#layer2.conflicts.length > 0;
    await Promise.all([this.#routing.stop(), this.#workerReports.stopped]);
    const last = { sessions, conflicts: [] };
    if (isReported) await Promise.race([this.#writeState(last), pause(this.#options.clock, LAST_WRITE)]);
    this.#stopped = true;
    this.#membershipPort?.close();
    await this.#worker.stop();
  }

  #configurePeers(): void {
    this.#routing.configurePeers();
    this.#stateWriter.touch();
    const rejected = this.#configuration.current().issues.filter(({ effect }) => effect === "Rejected");
    this.metrics.configStale.set(rejected.length > 0 ? 1 : 0);
  }

  #reconcile(key: string): void {
    const service = this.#caches.services.store.get(key);
    this.#layer2.reconcile(key, service);
    this.#routing.reconcile(key, service);
  }
}

import {
  createSpeaker,
  createSpeakerState,
  type DesiredRoute,
  type PeerSnapshot,
  peersOf as snapshotsOf,
  type SpeakerEffect,
  type SpeakerEvent,
  type SpeakerState,
} from "@herald-lb/bgp-speaker";
import { type ConfigurationWatch, type Logger, PacedSignal, pause } from "@herald-lb/daemon";
import { leavingReason, nodePeers, nodeReason, routeReport, routesOf } from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { BgpSession, ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import type { Node, Secret, Service } from "@herald-lb/k8s-glue/objects";
import { type Clock, createDriver, deepEqual, type Driver } from "@herald-lb/sansio";
import { BgpBfd } from "./bgp-bfd.ts";
import type { BgpConnections } from "./bgp-connections.ts";
import type { BmpCollector } from "./bmp-collector.ts";
import { BmpMonitoring } from "./bmp-monitoring.ts";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import { NodeExclusion } from "./node-exclusion.ts";
import { RouteAnnouncements } from "./route-announcements.ts";
import { journalJson } from "./route-journal.ts";
import { logSession } from "./session-log.ts";
import { SessionReports } from "./session-reports.ts";
import type { ServiceStatuses } from "./service-statuses.ts";
import type { SpeakerHost } from "./speaker-host.ts";
import type { ToWorker } from "./worker/protocol.ts";

/** The dependencies of the BGP part. */
export interface RoutingOptions {
  readonly node: string;
  readonly clock: Clock;
  readonly caches: Caches;
  readonly configuration: Pick<ConfigurationWatch, "current">;
  readonly ignoreExcludeLb: boolean;
  readonly loadBalancerClass: string | null;
  readonly events: Pick<EventRecorder, "record">;
  readonly statuses: Pick<ServiceStatuses, "bgpAnnounced" | "bgpEnded">;
  readonly host: SpeakerHost;
  /** The longest that `stop` waits for a graceful shutdown, in milliseconds. */
  readonly gracefulShutdownLimit: number;
  /** Called when routes of a node that was excluded are due to be withdrawn. */
  readonly onExclusionPassed: () => void;
  /** The collector of BMP; null for none. */
  readonly bmpCollector: BmpCollector | null;
  /** Tells the worker, which has the BFD sessions. */
  readonly tell: (message: ToWorker) => void;
  /** Called when the reports on the sessions have changed. */
  readonly onSessions: () => void;
  /** Called with the interfaces on which routers are to be found, when they have changed. */
  readonly onInterfaces: (interfaces: readonly string[]) => void;
  readonly log: Logger;
}

/** The pauses between looks at the number of prefixes, in milliseconds. */
const PREFIX_PAUSES = { shortest: 1_000, longest: 10_000 };

/** The BGP part: gives the routes of Services to the BGP machine, and its connections to the kernel. */
export class Routing {
  /** BFD beside the sessions. */
  readonly bfd: BgpBfd;
  readonly #options: RoutingOptions;
  readonly #driver: Driver<SpeakerState, SpeakerEvent>;
  readonly #connections: BgpConnections;
  readonly #sessions: SessionReports;
  readonly #monitoring: BmpMonitoring | null;
  readonly #desired = new Map<string, readonly DesiredRoute[]>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #exclusion: NodeExclusion;
  /** Has the reports looked at again after UPDATE messages. */
  readonly #prefixSignal: PacedSignal;
  #hasPrefixLimits = false;
  #isStopping = false;
  #hasGracefulRestart = false;
  readonly #announcements: RouteAnnouncements;
  #issues: readonly ConfigIssue[] = [];
  #pending = new Map<string, readonly DesiredRoute[]>();
  #metrics: SpeakerMetrics | null = null;

  constructor(options: RoutingOptions) {
    this.#options = options;
    const { host, node, clock, onSessions, tell, log } = options;
    this.#prefixSignal = new PacedSignal(clock, () => this.#sessions.update(), PREFIX_PAUSES);
    this.#announcements = new RouteAnnouncements(options);
    this.#exclusion = new NodeExclusion(clock, options.onExclusionPassed);
    this.#sessions = new SessionReports(() => this.peers(), onSessions);
    const dispatch = (event: SpeakerEvent): void => {
      this.#driver.dispatch(event);
      if (["Listening", "ListenFailed", "BfdStateChanged"].includes(event.type)) this.#sessions.update();
    };
    this.#connections = host.openBgpConnections(dispatch);
    this.#driver = createDriver({
      machine: createSpeaker({ localAs: 0, bgpIdentifier: host.routerIdentifier(node) }),
      initial: createSpeakerState(Math.floor(host.random() * 2 ** 32)),
      perform: (effect) => this.#perform(effect),
      clock,
    });
    const { bmpCollector: collector } = options;
    const state = (): SpeakerState => this.#driver.state;
    const connect = host.connectToCollector;
    this.#monitoring =
      collector === null
        ? null
        : new BmpMonitoring({ collector, connect, node, clock, wallClock: () => Date.now(), state, log });
    this.bfd = new BgpBfd({ isOnLink: host.isOnLink, peers: () => this.peers(), tell, dispatch, log });
  }

  /** Sets the metrics in which announced addresses are counted. */
  countIn(metrics: SpeakerMetrics): void {
    this.#metrics = metrics;
    this.#announcements.countIn(metrics);
  }

  /** Brings the routes of one Service in line with the caches. They go to the peers with the next `flush`. */
  reconcile(key: string, service: Service | undefined): void {
    const { node, caches, configuration, ignoreExcludeLb, loadBalancerClass } = this.#options;
    const self = caches.nodes.store.get(node);
    const found =
      service === undefined || self === undefined
        ? null
        : routesOf({
            service,
            slices: caches.slicesOf(key),
            node: self,
            configuration: configuration.current(),
            ignoreExcludeLb,
            loadBalancerClass,
            excludedFor: this.#lookAtNode(self),
            isStopping: this.#isStopping,
          });
    const routes = found?.routes ?? [];
    this.#announcements.setReport(key, found === null ? {} : routeReport(found));
    if (deepEqual(this.#desired.get(key) ?? [], routes)) return;
    if (routes.length === 0) this.#desired.delete(key);
    else this.#desired.set(key, routes);
    this.#pending.set(key, routes);
    this.#announcements.set(key, service, routes);
  }

  /** The milliseconds since the node was excluded; has Services looked at again when routes that are marked for that are due. */
  #lookAtNode(self: Node): number {
    const { configuration, ignoreExcludeLb } = this.#options;
    const excludedFor = this.#exclusion.look(nodeReason(self, ignoreExcludeLb) === "nodeLabeledExcludeBalancers");
    if (Number.isFinite(excludedFor))
      for (const { gracefulShutdownTime } of configuration.current().bgpAdvertisements)
        if (gracefulShutdownTime !== null) this.#exclusion.await(gracefulShutdownTime);
    return excludedFor;
  }

  /** Gives all changes since the last call to the BGP machine as one event, so that prefixes share UPDATEs. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const changes = this.#pending;
    this.#pending = new Map();
    this.#driver.dispatch({ type: "RoutesDesired", changes });
  }

  /** Gives the peers for this node to the BGP machine, from the configuration and the Secrets as they are now. */
  configurePeers(): void {
    const { node, caches, configuration, log } = this.#options;
    const self = caches.nodes.store.get(node);
    if (self === undefined) return;
    this.#lookAtNode(self);
    const secrets = new Map<string, Secret>(
      caches.secrets.store.list().map((secret) => [secret.metadata?.name ?? "", secret]),
    );
    const { peers, issues, ...limits } = nodePeers(configuration.current(), self, secrets);
    for (const issue of issues) log.warn({ peer: issue.object.name, path: issue.path }, issue.message);
    this.#issues = issues;
    this.#hasGracefulRestart = peers.some(({ gracefulRestart }) => gracefulRestart !== undefined);
    this.#driver.dispatch({ type: "PeersConfigured", peers });
    this.bfd.configure(peers);
    this.#hasPrefixLimits = limits.maxPrefixesSent !== undefined;
    this.#sessions.configure({ peers, issues, ...limits });
    this.#announcements.setPeers(peers.map(({ name }) => name).toSorted());
  }

  /** Takes the address of the router on an interface: the peer of sessions that name the interface. */
  changeRouter(change: Omit<Extract<SpeakerEvent, { type: "RouterChanged" }>, "type">): void {
    const { interface: name, address, problem } = change;
    this.#options.log.info({ interface: name, address, problem }, "router of an unnumbered peer");
    this.#driver.dispatch({ type: "RouterChanged", interface: name, address, problem });
    this.bfd.locatePeers();
    this.#sessions.update();
  }

  /** The issues of peers of this node whose Secret is missing or unusable. */
  get issues(): readonly ConfigIssue[] {
    return this.#issues;
  }

  /** The reports on the sessions of this node. */
  get sessions(): readonly BgpSession[] {
    return this.#sessions.current;
  }

  /** Connects to the collector of BMP, where there is one. */
  startMonitoring(): void {
    this.#monitoring?.start();
  }

  /** The journal of routes as JSON; see `journalJson`. */
  journal(query: URLSearchParams): string {
    const now = this.#options.clock.now();
    const wallNow = Date.now();
    return journalJson(this.#driver.state, query, (at) => new Date(wallNow + at - now).toISOString());
  }

  /** The peers as they are now. */
  peers(): readonly PeerSnapshot[] {
    return snapshotsOf(this.#driver.state);
  }

  /**
   * Ends every session, and resolves when they have ended: with a Cease where the node leaves service, otherwise so that peers with graceful restart
   * keep the routes for the next speaker on the node.
   */
  async stop(): Promise<void> {
    const { node, caches, ignoreExcludeLb, log } = this.#options;
    const leaving = leavingReason(caches.nodes.store.get(node), ignoreExcludeLb);
    log.info(
      { leaving },
      leaving === null
        ? "peers with graceful restart keep the routes for the next speaker on this node"
        : "the node leaves service: every peer is told to drop the routes",
    );
    const keepsRoutes = leaving === null && this.#hasGracefulRestart;
    if (!keepsRoutes) await this.#shutDownGracefully();
    const communication = "the speaker of this node stops";
    this.#driver.dispatch({ type: "Stop", communication, restarting: leaving === null });
    this.#prefixSignal.end();
    await this.#stopped.promise;
    this.#monitoring?.stop();
    this.#driver.stop();
  }

  /** Marks the routes that ask for it, and waits so that routers have taken others before these are gone. */
  async #shutDownGracefully(): Promise<void> {
    const { caches, clock, configuration, gracefulShutdownLimit, log } = this.#options;
    this.#isStopping = true;
    const keys = Array.from(this.#desired.keys());
    for (const key of keys) this.reconcile(key, caches.services.store.get(key));
    const times = configuration.current().bgpAdvertisements.map((each) => each.gracefulShutdownTime ?? 0);
    const isMarked = this.#pending.size > 0;
    this.flush();
    if (!isMarked || !this.peers().some(({ state }) => state === "Established")) return;
    const wanted = Math.max(0, ...times);
    const time = Math.min(wanted, gracefulShutdownLimit);
    log.info({ milliseconds: time, wanted }, "graceful shutdown of the routes, then the speaker stops");
    await pause(clock, time);
  }

  #perform(effect: SpeakerEffect): void {
    const { log } = this.#options;
    this.#monitoring?.observe(effect);
    switch (effect.type) {
      case "ConnectTcp":
      case "CloseTcp":
        this.#connections.perform(effect);
        // An attempt begins or ends, perhaps without a change of state.
        this.#sessions.update();
        return;
      case "ListenTcp":
        log.info({ address: effect.address, port: effect.port, vrf: effect.vrf }, "listening for BGP");
        this.#connections.perform(effect);
        return;
      case "StopListening":
      case "AcceptTcp":
        this.#connections.perform(effect);
        return;
      case "RejectTcp":
        this.#connections.perform(effect);
        this.#metrics?.rejectedConnections.inc({ reason: effect.reason });
        log.debug({ address: effect.address, port: effect.port, reason: effect.reason }, "BGP connection refused");
        return;
      case "FindRouters":
        this.#options.onInterfaces(effect.interfaces);
        return;
      case "SendOctets":
        this.#connections.perform(effect);
        if (this.#hasPrefixLimits) this.#prefixSignal.touch();
        return;
      case "PeerStateChanged":
        this.bfd.noteSession(effect.peer);
        this.#sessions.update();
        logSession(log, effect);
        return;
      case "NotificationSent":
      case "NotificationReceived":
      case "RouteNotAnnounced":
        logSession(log, effect);
        return;
      case "Stopped":
        this.#stopped.resolve();
    }
  }
}

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
import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import { nodePeers, routesOf } from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { BgpSession, ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import type { Secret, Service } from "@herald-lb/k8s-glue/objects";
import { type Clock, createDriver, deepEqual, type Driver } from "@herald-lb/sansio";
import type { BgpConnections } from "./bgp-connections.ts";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import { SessionReports } from "./session-reports.ts";
import type { ServiceStatuses } from "./service-statuses.ts";
import type { SpeakerHost } from "./speaker-host.ts";

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
  readonly host: Pick<SpeakerHost, "openBgpConnections" | "routerIdentifier" | "random">;
  /** Called when the reports on the sessions have changed. */
  readonly onSessions: () => void;
  /** Called with the interfaces on which routers are to be found, when they have changed. */
  readonly onInterfaces: (interfaces: readonly string[]) => void;
  readonly log: Logger;
}

/** The BGP part: gives the routes of Services to the BGP machine, and its connections to the kernel. */
export class Routing {
  readonly #options: RoutingOptions;
  readonly #driver: Driver<SpeakerState, SpeakerEvent>;
  readonly #connections: BgpConnections;
  readonly #sessions: SessionReports;
  readonly #desired = new Map<string, readonly DesiredRoute[]>();
  readonly #announcing = new Map<string, readonly string[]>();
  readonly #stopped = Promise.withResolvers<void>();
  /** The peers that each Service's routes are for; null for all of the node's. */
  readonly #peersOfService = new Map<string, readonly string[] | null>();
  #peerNames: readonly string[] = [];
  #issues: readonly ConfigIssue[] = [];
  #pending = new Map<string, readonly DesiredRoute[]>();
  #metrics: SpeakerMetrics | null = null;

  constructor(options: RoutingOptions) {
    this.#options = options;
    const { host, node, clock, onSessions } = options;
    this.#sessions = new SessionReports(() => this.peers(), onSessions);
    this.#connections = host.openBgpConnections((event) => {
      this.#driver.dispatch(event);
      if (event.type === "Listening" || event.type === "ListenFailed") this.#sessions.update();
    });
    this.#driver = createDriver({
      machine: createSpeaker({ localAs: 0, bgpIdentifier: host.routerIdentifier(node) }),
      initial: createSpeakerState(Math.floor(host.random() * 2 ** 32)),
      perform: (effect) => this.#perform(effect),
      clock,
    });
  }

  /** Sets the metrics in which announced addresses are counted. */
  countIn(metrics: SpeakerMetrics): void {
    this.#metrics = metrics;
  }

  /** Brings the routes of one Service in line with the caches. They go to the peers with the next `flush`. */
  reconcile(key: string, service: Service | undefined): void {
    const { node, caches, configuration, ignoreExcludeLb, loadBalancerClass } = this.#options;
    const self = caches.nodes.store.get(node);
    const routes =
      service === undefined || self === undefined
        ? []
        : routesOf({
            service,
            slices: caches.slicesOf(key),
            node: self,
            configuration: configuration.current(),
            ignoreExcludeLb,
            loadBalancerClass,
          }).routes;
    if (deepEqual(this.#desired.get(key) ?? [], routes)) return;
    if (routes.length === 0) this.#desired.delete(key);
    else this.#desired.set(key, routes);
    this.#pending.set(key, routes);
    this.#tell(key, service, routes);
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
    const secrets = new Map<string, Secret>(
      caches.secrets.store.list().map((secret) => [secret.metadata?.name ?? "", secret]),
    );
    const { peers, issues } = nodePeers(configuration.current(), self, secrets);
    for (const issue of issues) log.warn({ peer: issue.object.name, path: issue.path }, issue.message);
    this.#issues = issues;
    this.#driver.dispatch({ type: "PeersConfigured", peers });
    this.#sessions.configure({ peers, issues });
    const names = peers.map(({ name }) => name).toSorted();
    if (String(names) === String(this.#peerNames)) return;
    this.#peerNames = names;
    for (const key of this.#peersOfService.keys()) this.#reportPeers(key);
  }

  /** Takes the address of the router on an interface: the peer of sessions that name the interface. */
  changeRouter(change: Omit<Extract<SpeakerEvent, { type: "RouterChanged" }>, "type">): void {
    const { interface: name, address, problem } = change;
    this.#options.log.info({ interface: name, address, problem }, "router of an unnumbered peer");
    this.#driver.dispatch({ type: "RouterChanged", interface: name, address, problem });
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

  /** The peers as they are now. */
  peers(): readonly PeerSnapshot[] {
    return snapshotsOf(this.#driver.state);
  }

  /** Sends a Cease to every peer, and resolves when the sessions have ended. */
  async stop(): Promise<void> {
    this.#driver.dispatch({ type: "Stop", communication: "the speaker of this node stops" });
    await this.#stopped.promise;
    this.#driver.stop();
  }

  #tell(key: string, service: Service | undefined, routes: readonly DesiredRoute[]): void {
    const { node, caches, events, log } = this.#options;
    const before = this.#announcing.get(key);
    for (const ip of before ?? []) this.#metrics?.announced.remove({ service: key, protocol: "bgp", node, ip });
    const prefixes = routes.map(({ prefix }) => prefix);
    if (prefixes.length === 0) {
      this.#announcing.delete(key);
      this.#peersOfService.delete(key);
      this.#options.statuses.bgpEnded(key);
      log.info({ service: key }, "routes withdrawn");
      return;
    }
    const addresses = (service?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? "");
    this.#announcing.set(key, addresses);
    for (const ip of addresses) this.#metrics?.announced.set({ service: key, protocol: "bgp", node, ip }, 1);
    log.info({ service: key, prefixes }, "routes announced");
    const peersOfRoutes = routes.map(({ peers }) => peers);
    this.#peersOfService.set(key, peersOfRoutes.includes("all") ? null : peersOfRoutes.flatMap((peers) => peers ?? []));
    this.#reportPeers(key);
    if (before !== undefined || service === undefined) return;
    events.record({
      object: caches.reference(service),
      type: "Normal",
      reason: "nodeAssigned",
      message: `announcing from node "${node}" with protocol "bgp"`,
    });
  }

  #reportPeers(key: string): void {
    const wanted = this.#peersOfService.get(key) ?? null;
    const peers = this.#peerNames.filter((name) => wanted === null || wanted.includes(name));
    if (peers.length === 0) this.#options.statuses.bgpEnded(key);
    else this.#options.statuses.bgpAnnounced(key, peers);
  }

  #perform(effect: SpeakerEffect): void {
    const { log } = this.#options;
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
        return;
      case "PeerStateChanged":
        this.#sessions.update();
        log[effect.to === "Established" || effect.from === "Established" ? "info" : "debug"](
          { peer: effect.peer, from: effect.from, to: effect.to, on: effect.on },
          "BGP session",
        );
        return;
      case "NotificationSent":
      case "NotificationReceived":
        log.warn({ peer: effect.peer, ...effect.notification }, effect.type);
        return;
      case "RouteNotAnnounced":
        // A session of one family beside Services of both is an ordinary set-up, and nothing is wrong with it.
        log[effect.reason === "FamilyNotNegotiated" ? "info" : "warn"](
          { peer: effect.peer, prefix: effect.prefix, reason: effect.reason },
          "route not announced",
        );
        return;
      case "Stopped":
        this.#stopped.resolve();
    }
  }
}

import type { DesiredRoute } from "@herald-lb/bgp-speaker";
import type { Logger } from "@herald-lb/daemon";
import type { RouteReport } from "@herald-lb/k8s-glue/announce";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { Service } from "@herald-lb/k8s-glue/objects";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import { RouteReports } from "./route-reports.ts";
import type { ServiceStatuses } from "./service-statuses.ts";

/** The dependencies of the news of routes. */
export interface RouteAnnouncementsOptions {
  readonly node: string;
  readonly caches: Pick<Caches, "reference">;
  readonly events: Pick<EventRecorder, "record">;
  readonly statuses: Pick<ServiceStatuses, "bgpAnnounced" | "bgpEnded">;
  readonly log: Logger;
}

/** Tells of the routes that this node announces: in metrics, the log, Events and ServiceBGPStatuses. */
export class RouteAnnouncements {
  readonly #options: RouteAnnouncementsOptions;
  /** The addresses of each Service that is announced. */
  readonly #announced = new Map<string, readonly string[]>();
  /** The peers that each Service's routes are for; null for all of the node's. */
  readonly #peersOfService = new Map<string, readonly string[] | null>();
  readonly #reports: RouteReports;
  #peerNames: readonly string[] = [];
  #metrics: Pick<SpeakerMetrics, "announced"> | null = null;

  constructor(options: RouteAnnouncementsOptions) {
    this.#options = options;
    this.#reports = new RouteReports(options.log);
  }

  /** Sets the metrics in which announced addresses are counted. */
  countIn(metrics: Pick<SpeakerMetrics, "announced">): void {
    this.#metrics = metrics;
  }

  /** Takes the names of the node's peers, sorted. */
  setPeers(names: readonly string[]): void {
    if (String(names) === String(this.#peerNames)) return;
    this.#peerNames = names;
    for (const key of this.#peersOfService.keys()) this.#reportPeers(key);
  }

  /** Takes the report on a Service's routes. */
  setReport(key: string, report: RouteReport): void {
    if (this.#reports.set(key, report) && this.#announced.has(key)) this.#reportPeers(key);
  }

  /** Takes the routes of a Service, which differ from those before. */
  set(key: string, service: Service | undefined, routes: readonly DesiredRoute[]): void {
    const { node, caches, events, log } = this.#options;
    const before = this.#announced.get(key);
    for (const ip of before ?? []) this.#metrics?.announced.remove({ service: key, protocol: "bgp", node, ip });
    const prefixes = routes.map(({ prefix }) => prefix);
    if (prefixes.length === 0) {
      this.#announced.delete(key);
      this.#peersOfService.delete(key);
      this.#options.statuses.bgpEnded(key);
      log.info({ service: key }, "routes withdrawn");
      return;
    }
    const addresses = (service?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? "");
    this.#announced.set(key, addresses);
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
    else this.#options.statuses.bgpAnnounced(key, peers, this.#reports.get(key));
  }
}

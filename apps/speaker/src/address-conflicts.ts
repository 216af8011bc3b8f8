import type { Logger } from "@herald-lb/daemon";
import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import type { AddressConflict } from "@herald-lb/k8s-glue/announce";
import { MOST_CONFLICTS, type ReportedConflict } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { type Clock, type Instant, instant } from "@herald-lb/sansio";
import type { Caches } from "./caches.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { FromWorker } from "./worker/protocol.ts";

/** The time after the log line of a claim during which others about the same address are not logged, in milliseconds. */
const CLAIM_LOG_INTERVAL = 10_000;

/** The dependencies of the reports about conflicts. */
export interface AddressConflictsOptions {
  readonly node: string;
  readonly caches: Pick<Caches, "reference">;
  readonly clock: Pick<Clock, "now">;
  readonly events: Pick<EventRecorder, "record">;
  readonly metrics: Pick<SpeakerMetrics, "rivals">;
  /** Called when `reported` gives others than before. */
  readonly onConflicts: () => void;
  readonly log: Pick<Logger, "info" | "warn" | "debug">;
}

/** The reports of a node about stations that claim its addresses: log, Event and metric, once for each change. */
export class AddressConflicts {
  readonly #options: AddressConflictsOptions;
  /** The rivals that are there, by address and interface. */
  readonly #rivals = new Map<string, AddressConflict>();
  /** The addresses of which rivals have every interface that matters. */
  readonly #contested = new Set<string>();
  /** The rivals of which the Service has an Event: one that is found again while the address was never announced is no news. */
  readonly #told = new Map<string, { readonly address: string; readonly by: string }>();
  readonly #claims = new Map<string, Instant>();

  constructor(options: AddressConflictsOptions) {
    this.#options = options;
  }

  /** The rivals that have one of these addresses, in the order in which they were found. */
  of(addresses: readonly string[]): readonly AddressConflict[] {
    return [...this.#rivals.values()].filter(({ address }) => addresses.includes(address));
  }

  /** The rivals for the controller, by address and interface; the first of them where there are too many. */
  get reported(): readonly ReportedConflict[] {
    return [...this.#rivals]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MOST_CONFLICTS)
      .map(([, rival]) => ({ ...rival, ...(!this.#contested.has(rival.address) && { announcedElsewhere: true }) }));
  }

  /** Takes whether rivals have an address on every interface that matters. */
  changeContested({ address, contested }: Extract<FromWorker, { type: "ContestedChanged" }>): void {
    if (contested) this.#contested.add(address);
    else this.#contested.delete(address);
    this.#options.onConflicts();
  }

  /** True where something has been told of an address that `settled` would end. A node may end thousands of announcements at once, and few have a conflict. */
  knows(address: string): boolean {
    return this.#claims.has(address) || this.#told.values().some((told) => told.address === address);
  }

  /** Takes a claim of another station to an address that this node announces. */
  claimed({ address, by, interface: on }: Extract<FromWorker, { type: "Conflict" }>): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    const quiet = (this.#claims.get(address) ?? now) > now;
    if (!quiet) this.#claims.set(address, instant(now + CLAIM_LOG_INTERVAL));
    log[quiet ? "debug" : "warn"](
      { address, by, interface: on },
      "another station claims an address that this node announces; the node defends it, or gives it up where the L2Advertisement says onConflict: Yield",
    );
  }

  /** Takes a rival that has an address of these Services. */
  found(
    { address, by, interface: on }: Extract<FromWorker, { type: "RivalFound" }>,
    services: readonly Service[],
  ): void {
    const { node, caches, events, metrics, log } = this.#options;
    const key = keyOf(address, on);
    this.#forget(key);
    this.#rivals.set(key, { address, hardwareAddress: by, interface: on });
    metrics.rivals.set({ ip: address, interface: on, mac: by }, 1);
    this.#options.onConflicts();
    if (this.#told.get(key)?.by === by) return;
    this.#told.set(key, { address, by });
    log.warn(
      { services: services.map(nameOf), address, by, interface: on },
      "another station has an address of these Services; this node does not announce it there, asks for it again every two seconds and announces it once the station is gone: find the station by its hardware address and give it another address, or exclude this one from the pool",
    );
    const message = `address "${address}" is in use by another station, ${by}, on interface "${on}" of node "${node}", which does not announce it there until the station is gone`;
    for (const service of services)
      events.record({ object: caches.reference(service), type: "Warning", reason: "addressConflict", message });
  }

  /** Takes the end of a rival. */
  gone({ address, interface: on }: Extract<FromWorker, { type: "RivalGone" }>): void {
    this.#forget(keyOf(address, on));
    this.#options.onConflicts();
  }

  /** An address is announced on every interface, or not wanted: a rival of it is news again. */
  settled(address: string): void {
    for (const [key, told] of this.#told) {
      if (told.address !== address) continue;
      this.#told.delete(key);
      this.#options.log.info({ address, by: told.by }, "no other station is in the way of an address any more");
    }
    this.#claims.delete(address);
  }

  #forget(key: string): void {
    const rival = this.#rivals.get(key);
    if (rival === undefined) return;
    this.#rivals.delete(key);
    const { address: ip, interface: on, hardwareAddress: mac } = rival;
    this.#options.metrics.rivals.remove({ ip, interface: on, mac });
  }
}

function keyOf(address: string, on: string): string {
  return `${address} ${on}`;
}

function nameOf({ metadata }: Service): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

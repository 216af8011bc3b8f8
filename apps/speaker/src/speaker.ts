import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Condition,
  type ConfigurationWatch,
  type FlagValues,
  type Logger,
  watchConfiguration,
} from "@herald-lb/daemon";
import { startWorker, type WorkerHandle } from "@herald-lb/host";
import type { Service } from "@herald-lb/k8s-glue";
import {
  createEventRecorder,
  createWorkQueue,
  type EventRecorder,
  type Transport,
  type WorkQueue,
} from "@herald-lb/k8s-glue/client";
import { metallbKey } from "@herald-lb/membership";
import { type Clock, type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import { createCaches, type Caches, serviceOf } from "./caches.ts";
import { Layer2 } from "./layer2.ts";
import { type MembershipStreams, openMembershipStreams } from "./membership-streams.ts";
import { createSpeakerMetrics, type SpeakerMetrics } from "./metrics.ts";
import { Routing } from "./routing.ts";
import { DEFAULT_EXCLUDED } from "./worker/announceable-interfaces.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./worker/protocol.ts";

/** Key under which all Services are looked at again. */
const EVERYTHING = "";
/** Where MetalLB mounts the list of interfaces that are never answered on. */
const EXCLUDE_FILE = "/etc/metallb/excludel2.yaml";

/** What a speaker is made of. */
export interface SpeakerOptions {
  readonly flags: FlagValues;
  readonly namespace: string;
  readonly node: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** The worker's module, beside the main one. */
  readonly worker: URL;
}

/** Wires caches, the worker and the BGP speaker together. */
export class Speaker {
  readonly metrics: SpeakerMetrics;
  readonly #options: SpeakerOptions;
  readonly #caches: Caches;
  readonly #configuration: ConfigurationWatch;
  readonly #queue: WorkQueue<string>;
  readonly #events: EventRecorder;
  readonly #worker: WorkerHandle<ToWorker>;
  readonly #layer2: Layer2;
  readonly #routing: Routing;
  readonly #workerStopped = Promise.withResolvers<void>();
  #streams: MembershipStreams | null = null;
  #trouble: string | null = "the worker is starting";
  #synced = false;
  #peersTouched = false;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    const { flags, transport, clock, namespace, node, log } = options;
    const loadBalancerClass = flags.text("lb-class") === "" ? null : flags.text("lb-class");
    const ignoreExcludeLb = flags.isSet("ignore-exclude-lb");
    this.#caches = createCaches(transport, clock, namespace, this.#ringBind() === null ? "" : flags.text("ml-labels"));
    this.#configuration = watchConfiguration(transport, clock, namespace);
    this.#events = createEventRecorder({ transport, clock, component: "metallb-speaker", host: node });
    const shared = {
      node,
      caches: this.#caches,
      configuration: this.#configuration,
      ignoreExcludeLb,
      loadBalancerClass,
      events: this.#events,
      log,
    };
    this.#routing = new Routing({ ...shared, clock });
    this.metrics = createSpeakerMetrics(() => this.#routing.peers());
    this.#routing.countIn(this.metrics);
    this.#worker = startWorker<ToWorker, FromWorker>({
      module: options.worker,
      data: this.#settings(),
      onMessage: (message) => this.#heard(message),
      onExit: (code, error) => {
        if (code === 0) return;
        log.fatal({ code, err: error }, "the worker ended");
        process.exit(70);
      },
    });
    this.#layer2 = new Layer2({ ...shared, metrics: this.metrics, tell: (message) => this.#worker.post(message) });
    this.#queue = createWorkQueue<string>({ clock, process: (key) => this.#process(key) });
  }

  /** Lists the cluster, then announces; resolves when everything that was there is dealt with. */
  async start(): Promise<void> {
    const bind = this.#ringBind();
    if (bind !== null) this.#streams = await openMembershipStreams(bind, (message) => this.#worker.post(message));
    const { services, slices, nodes, secrets, pods } = this.#caches;
    const enqueueAll = (): void => this.#queue.add(EVERYTHING);
    services.addHandler({
      onAdd: this.#touch,
      onUpdate: (key, now, before) => this.#touchSharers(key, now, before),
      onDelete: (key, last) => this.#touchSharers(key, last, last),
    });
    const ofSlice = (slice: Parameters<typeof serviceOf>[0]): void => {
      const service = serviceOf(slice);
      if (service !== null) this.#queue.add(service);
    };
    slices.addHandler({
      onAdd: (_key, slice) => ofSlice(slice),
      onUpdate: (_key, slice) => ofSlice(slice),
      onDelete: (_key, slice) => ofSlice(slice),
    });
    nodes.addHandler({
      onAdd: () => this.#touchNodes(),
      onDelete: () => this.#touchNodes(),
      onUpdate: (_key, now, before) => {
        if (nodeFacts(now) !== nodeFacts(before)) this.#touchNodes();
      },
    });
    const touchPeers = (): void => {
      this.#peersTouched = true;
      enqueueAll();
    };
    secrets.addHandler({ onAdd: touchPeers, onUpdate: touchPeers, onDelete: touchPeers });
    this.#configuration.onChange(touchPeers);
    const touchPods = (): void => this.#tellPeers();
    pods?.addHandler({ onAdd: touchPods, onUpdate: touchPods, onDelete: touchPods });

    const informers = [
      services,
      slices,
      nodes,
      secrets,
      ...(pods === null ? [] : [pods]),
      ...this.#configuration.informers,
    ];
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.whenSynced()));
    this.#synced = true;
    this.#tellPeers();
    this.#tellNodes();
    this.#reconcileAll();
    this.#routing.configurePeers();
    this.metrics.configLoaded.set(1);
    this.#options.log.info({ services: services.store.size, nodes: nodes.store.size }, "synced");
  }

  /** What readiness depends on. */
  get conditions(): readonly Condition[] {
    return [
      { name: "caches", trouble: () => (this.#synced ? null : "not everything is listed yet") },
      { name: "sockets", trouble: () => this.#trouble },
    ];
  }

  /** Hands over: leaves the ring, withdraws the routes, falls silent. */
  async stop(): Promise<void> {
    this.#worker.post({ type: "Stop" });
    await Promise.all([this.#routing.stop(), this.#workerStopped.promise]);
    this.#streams?.close();
    await this.#worker.stop();
  }

  readonly #touch = (key: string): void => this.#queue.add(key);

  /** Services that share an address elect by the same one, so each one's change is the others' too. */
  #touchSharers(key: string, now: Service, before: Service): void {
    this.#queue.add(key);
    for (const service of [now, before]) {
      for (const other of this.#caches.sharersOf(service)) {
        this.#queue.add(`${other.metadata?.namespace ?? ""}/${other.metadata?.name ?? ""}`);
      }
    }
  }

  #touchNodes(): void {
    this.#tellNodes();
    this.#peersTouched = true;
    this.#queue.add(EVERYTHING);
  }

  #process(key: string): { readonly type: "Done" } {
    // Before the first lists are complete every answer would be wrong: what is missing would look withdrawn.
    if (!this.#synced) return { type: "Done" };
    if (key === EVERYTHING) {
      this.#reconcileAll();
      if (this.#peersTouched) {
        this.#peersTouched = false;
        this.#routing.configurePeers();
      }
      const rejected = this.#configuration.current().issues.filter(({ effect }) => effect === "Rejected");
      this.metrics.configStale.set(rejected.length > 0 ? 1 : 0);
    } else {
      this.#reconcile(key);
      this.#routing.flush();
    }
    return { type: "Done" };
  }

  #reconcileAll(): void {
    for (const key of this.#caches.services.store.keys()) this.#reconcile(key);
    this.#routing.flush();
  }

  #reconcile(key: string): void {
    const service = this.#caches.services.store.get(key);
    this.#layer2.reconcile(key, service);
    this.#routing.reconcile(key, service);
  }

  #heard(message: FromWorker): void {
    const { log } = this.#options;
    switch (message.type) {
      case "Ready":
        return;
      case "Trouble":
        this.#trouble = message.trouble;
        if (message.trouble !== null) log.error({ trouble: message.trouble }, "the worker lacks something");
        return;
      case "Announcing":
      case "NotAnnouncing":
        this.#layer2.heard(message);
        return;
      case "MembersChanged":
        this.metrics.members.set(message.alive.length);
        log.info({ alive: message.alive, joined: message.joined, left: message.left }, "members changed");
        return;
      case "Stream":
        this.#streams?.perform(message.effect);
        return;
      case "Conflict":
        log.warn(
          { address: message.address, by: message.by, interface: message.interface },
          "another station claims an announced address",
        );
        return;
      case "Counted":
        this.metrics.count(message.counts);
        return;
      case "Stopped":
        this.#workerStopped.resolve();
    }
  }

  #tellNodes(): void {
    const nodes = this.#caches.nodes.store.list().map((node) => node.metadata?.name ?? "");
    if (this.#synced) this.#worker.post({ type: "NodesKnown", nodes });
  }

  #tellPeers(): void {
    const { pods } = this.#caches;
    if (pods === null || !this.#synced) return;
    const port = this.#options.flags.number("ml-bindport");
    const peers = pods.store.list().flatMap((pod) => {
      const address = parseIpAddress(pod.status?.podIP ?? "");
      return address.ok ? [{ address: address.value, port }] : [];
    });
    this.#worker.post({ type: "PeersDesired", peers });
  }

  /** Where the ring listens; null where the flags want none. */
  #ringBind(): { readonly address: IpAddress; readonly port: number } | null {
    const { flags } = this.#options;
    const address = parseIpAddress(flags.text("ml-bindaddr"));
    if (!address.ok || flags.text("ml-labels") === "") return null;
    return { address: address.value, port: flags.number("ml-bindport") };
  }

  #settings(): WorkerSettings {
    const { flags, node, log } = this.#options;
    const bind = this.#ringBind();
    const secret = readSecret(flags.text("ml-secret-key-path"));
    if (bind === null) log.info("no ring: every node that the API server knows counts as alive");
    else if (secret === null) log.warn("the ring is not encrypted: no secretkey under --ml-secret-key-path");
    return {
      node,
      excludedInterfaces: excludedInterfaces(),
      membership:
        bind === null
          ? null
          : {
              bind,
              profile: flags.isSet("ml-wan-config") ? "wan" : (flags.text("ml-profile") as "fast" | "lan" | "wan"),
              keys: secret === null ? [] : [metallbKey(secret)],
              seed: randomBytes(32),
            },
    };
  }
}

/** What of a Node decides about announcing; the heartbeats in its status do not. */
function nodeFacts(node: {
  readonly metadata?: { readonly labels?: unknown };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}): string {
  const network = (node.status?.conditions ?? [])
    .filter(({ type }) => type === "NetworkUnavailable")
    .map(({ status }) => status);
  return JSON.stringify([node.metadata?.labels ?? {}, network]);
}

function readSecret(folder: string): Uint8Array | null {
  const file = join(folder, "secretkey");
  return folder !== "" && existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}

/** The names that MetalLB's ConfigMap excludes, as one expression; its default where the file is not mounted. */
function excludedInterfaces(): string {
  if (!existsSync(EXCLUDE_FILE)) return DEFAULT_EXCLUDED.join("|");
  const lines = readFileSync(EXCLUDE_FILE, "utf8").split("\n");
  const listed = lines
    .map((line) => /^\s*-\s*["']?(.+?)["']?\s*$/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  return listed.join("|");
}

import { type DaemonContext, type Logger, readFlags } from "@herald-lb/daemon";
import type { ApiRequest } from "@herald-lb/k8s-glue/client";
import { MemoryApiServer, type StoredObject, VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { instant, type Ipv4Address } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { vi } from "vitest";
import { SPEAKER_FLAGS } from "../speaker-flags.ts";
import { Speaker } from "../speaker.ts";
import type { FromWorker, ToWorker } from "../worker/protocol.ts";
import { Routers } from "./router.test.fixture.ts";

/** The node of the speaker under test. */
export const NODE = "n1";
/** The namespace of Herald's own objects. */
export const NAMESPACE = "metallb-system";
/** The address of the router that `startCluster` configures. */
export const ROUTER = "192.0.2.1";

const METALLB = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}`;
const PEERS = `/apis/metallb.io/v1beta2/namespaces/${NAMESPACE}/bgppeers`;

/** A log line as the tests read it. */
export interface Line {
  readonly level: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** One speaker with everything around it: API server, worker thread, routers, all in virtual time. */
export interface Cluster {
  readonly world: VirtualClock;
  readonly server: MemoryApiServer;
  readonly process: VirtualProcess;
  readonly speaker: Speaker;
  readonly routers: Routers;
  readonly lines: readonly Line[];
  /** The messages that the worker received since the last call. */
  readonly takeTold: () => readonly ToWorker[];
  /** A message of the worker to the main thread. */
  readonly fromWorker: (message: FromWorker) => void;
  /** The worker thread ends with this exit code. */
  readonly endWorker: (code: number) => void;
  /** The exit codes that the speaker ended its process with. */
  readonly exits: readonly number[];
  /** The requests since the last call that are no reads. */
  readonly takeWrites: () => readonly ApiRequest[];
  readonly post: (path: string, object: StoredObject) => void;
  readonly patch: (path: string, body: object) => void;
  readonly remove: (path: string) => void;
  /** Lets time pass until something holds; throws after `limit` milliseconds, 60 seconds where absent. */
  readonly until: (what: string, holds: () => boolean, limit?: number) => Promise<void>;
  readonly pass: (milliseconds: number) => Promise<void>;
}

type Path =
  | "services"
  | "slices"
  | "nodes"
  | "secrets"
  | "pools"
  | "l2Advertisements"
  | "bgpAdvertisements"
  | "peers"
  | "bfdProfiles"
  | "l2Statuses"
  | "bgpStatuses"
  | "states"
  | "events";

/** The paths of the objects that the tests read and write. */
export const paths: Readonly<Record<Path, string>> & {
  readonly service: (name: string) => string;
  readonly node: (name: string) => string;
} = {
  services: "/api/v1/namespaces/default/services",
  service: (name: string): string => `/api/v1/namespaces/default/services/${name}`,
  slices: "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
  nodes: "/api/v1/nodes",
  node: (name: string): string => `/api/v1/nodes/${name}`,
  secrets: `/api/v1/namespaces/${NAMESPACE}/secrets`,
  pools: `${METALLB}/ipaddresspools`,
  l2Advertisements: `${METALLB}/l2advertisements`,
  bgpAdvertisements: `${METALLB}/bgpadvertisements`,
  peers: PEERS,
  bfdProfiles: `${METALLB}/bfdprofiles`,
  l2Statuses: "/apis/metallb.io/v1beta1/servicel2statuses",
  bgpStatuses: "/apis/metallb.io/v1beta1/servicebgpstatuses",
  states: "/apis/metallb.io/v1beta1/configurationstates",
  events: "/api/v1/events",
};

/** A Service of type LoadBalancer that holds an address, with an endpoint on the speaker's node. */
export function announcedService(cluster: Pick<Cluster, "post">, name: string, ip: string): void {
  cluster.post(paths.services, {
    metadata: { namespace: "default", name, uid: `uid-of-${name}` },
    spec: { type: "LoadBalancer", externalTrafficPolicy: "Cluster", ports: [{ port: 80, protocol: "TCP" }] },
    status: { loadBalancer: { ingress: [{ ip }] } },
  });
  cluster.post(paths.slices, {
    metadata: { namespace: "default", name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true }, nodeName: NODE }],
  });
}

/** Makes the cluster with nodes n1 and n2, a pool, one advertisement of each kind and one router; the speaker is not started yet. */
export function createCluster(): Cluster {
  const random = createRandom(1);
  const world = createVirtualClock(1_000);
  const wallClock = (): number => 1_770_000_000_000 + Math.floor(world.now());
  vi.spyOn(Date, "now").mockImplementation(wallClock);
  const server = new MemoryApiServer(wallClock);
  const process = new VirtualProcess(world, server, random);
  const routers = new Routers(world);
  const lines: Line[] = [];
  const log = new Proxy({} as Logger, {
    get: (_target, level: string) => (facts: Line["facts"], message: string) => lines.push({ level, facts, message }),
  });
  let told: ToWorker[] = [];
  let sent = 0;
  let onMessage: (message: FromWorker) => void = () => {};
  let onExit: (code: number, error: Error | null) => void = () => {};
  const exits: number[] = [];
  const flags = readFlags(SPEAKER_FLAGS, [`--node-name=${NODE}`], {});
  if (!flags.ok) throw new Error("flags");
  const speaker = new Speaker({
    flags: flags.value,
    namespace: NAMESPACE,
    transport: process.transport,
    clock: process.clock,
    log,
    // Nothing is served here.
    tls: {} as DaemonContext["tls"],
    node: NODE,
    host: {
      startWorker: (_settings, message, exit) => {
        onMessage = message;
        onExit = exit;
        return {
          post: (each) => {
            told.push(each);
            if (each.type === "StopRequested")
              world.wakeAt(instant(world.now() + 250), () => onMessage({ type: "Stopped" }));
          },
          stop: async () => onExit(0, null),
        };
      },
      openBgpConnections: routers.open,
      connectToCollector: () => {
        throw new Error("no collector here");
      },
      openMembershipStreams: () => Promise.reject(new Error("no membership here")),
      readDefaultGateways: () => [],
      isOnLink: () => true,
      routerIdentifier: () => "192.0.2.11" as Ipv4Address,
      random,
      exit: (code) => void exits.push(code),
    },
  });
  const handle = (method: "POST" | "PATCH" | "DELETE", path: string, body?: object): void => {
    const answer = server.handle({ method, path, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.error.message}`);
  };
  const until = async (what: string, holds: () => boolean, limit = 60_000): Promise<void> => {
    const end = world.now() + limit;
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (holds()) return;
      const next = world.nextWake();
      if (next === null || next > end) throw new Error(`waited ${limit} ms for ${what}`);
      world.advanceTo(next);
    }
  };
  const cluster: Cluster = {
    world,
    server,
    process,
    speaker,
    routers,
    lines,
    takeTold() {
      const taken = told;
      told = [];
      return taken;
    },
    fromWorker: (message) => onMessage(message),
    endWorker: (code) => onExit(code, null),
    exits,
    takeWrites() {
      const writes = process.sent.slice(sent).filter(({ method }) => method !== "GET");
      sent = process.sent.length;
      return writes;
    },
    post: (path, object) => handle("POST", path, object),
    patch: (path, body) => handle("PATCH", path, body),
    remove: (path) => handle("DELETE", path),
    until,
    async pass(milliseconds) {
      let over = false;
      world.wakeAt(instant(world.now() + milliseconds), () => {
        over = true;
      });
      await until("time to pass", () => over, milliseconds + 1);
    },
  };
  for (const name of ["n1", "n2"]) cluster.post(paths.nodes, { metadata: { name, labels: { rack: name } } });
  cluster.post(paths.pools, {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { namespace: NAMESPACE, name: "pool" },
    spec: { addresses: ["198.51.100.0/24"] },
  });
  for (const [kind, path] of [
    ["L2Advertisement", paths.l2Advertisements],
    ["BGPAdvertisement", paths.bgpAdvertisements],
  ] as const) {
    cluster.post(path, {
      apiVersion: "metallb.io/v1beta1",
      kind,
      metadata: { namespace: NAMESPACE, name: "all" },
      spec: {},
    });
  }
  cluster.post(paths.peers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { namespace: NAMESPACE, name: "router" },
    spec: { myASN: 64512, peerASN: 65001, peerAddress: ROUTER },
  });
  return cluster;
}

/** Starts the speaker of a cluster; resolves when the session with the router is up and nothing is left to write. */
export async function startSpeaker(cluster: Cluster): Promise<void> {
  const { speaker, until, routers, fromWorker } = cluster;
  fromWorker({ type: "ProblemChanged", problem: null });
  let started = false;
  void speaker.start().then(() => {
    started = true;
  });
  await until("the first lists", () => started);
  await until("the session", () => routers.endOfRibsAt(ROUTER).length > 0);
  await cluster.pass(5_000);
}

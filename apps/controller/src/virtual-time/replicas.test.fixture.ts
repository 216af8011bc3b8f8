import { type DaemonContext, type Logger, readFlags } from "@herald-lb/daemon";
import { instant } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { vi } from "vitest";
import { CONTROLLER_FLAGS } from "../controller-flags.ts";
import { Controller } from "../controller.ts";
import { MemoryApiServer, type StoredObject, VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { StatusHistory } from "./status-history.test.fixture.ts";

/** The collection of all Services. */
export const ALL_SERVICES = "/api/v1/services";
/** The namespace of the controllers. */
export const NAMESPACE = "metallb-system";
/** The collection of pools. */
export const POOLS: string = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;

/** One controller, and the process it runs in. */
export interface Replica {
  readonly process: VirtualProcess;
  readonly controller: Controller;
}

/** Controllers of one API server, in virtual time. */
export interface Replicas {
  readonly world: VirtualClock;
  readonly random: () => number;
  /** Sets the wall clocks on, or back, by so many milliseconds. */
  readonly setWallClocks: (by: number) => void;
  readonly server: MemoryApiServer;
  readonly history: StatusHistory;
  readonly all: readonly Replica[];
  /** The replica that leads. Throws when none leads, or several do. */
  readonly leader: () => Replica;
  readonly create: (name: string, type: "LoadBalancer" | "ClusterIP") => void;
  readonly change: (name: string, spec: object) => void;
  readonly remove: (name: string) => void;
  /** Lets time pass until something holds; throws after `limit` milliseconds. */
  readonly until: (what: string, holds: () => boolean, limit: number) => Promise<void>;
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** A pool of 65,536 addresses. */
export const WIDE_POOL: StoredObject = {
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { namespace: NAMESPACE, name: "wide" },
  spec: { addresses: ["198.18.0.0/16"] },
};

const silent: Logger = new Proxy({} as Logger, { get: () => () => {} });

/** The differences from two replicas with leader election and one pool. */
export interface ReplicaOptions {
  readonly count?: number;
  readonly args?: readonly string[];
  /** The objects that are there at the start, each with the path of its collection; one pool when left out. */
  readonly objects?: readonly (readonly [collection: string, object: StoredObject])[];
  readonly log?: Logger;
}

/** Starts the replicas, and waits until one of them leads. All chance comes from `seed`. */
export async function startReplicas(seed: number, options: ReplicaOptions = {}): Promise<Replicas> {
  const random = createRandom(seed);
  const world = createVirtualClock(1_000 * random());
  let wallTime = 1_770_000_000_000;
  const wallClock = (): number => wallTime + Math.floor(world.now());
  // Two renewals of a lease differ by their time.
  vi.spyOn(Date, "now").mockImplementation(wallClock);
  const server = new MemoryApiServer(wallClock);
  const history = new StatusHistory(world.now);
  server.onWritten = (written) => {
    if (written.collection === ALL_SERVICES) history.note(written);
  };
  for (const name of [NAMESPACE, "default"]) post("/api/v1/namespaces", { metadata: { name } });
  for (const [collection, object] of options.objects ?? [[POOLS, WIDE_POOL]]) post(collection, object);
  const flags = readFlags(CONTROLLER_FLAGS, options.args ?? ["--leader-elect"], {});
  if (!flags.ok) throw new Error("flags");
  const all = Array.from({ length: options.count ?? 2 }, (): Replica => {
    const process = new VirtualProcess(world, server, random);
    const { clock, transport } = process;
    // Nothing is served here.
    const tls = {} as DaemonContext["tls"];
    const context = { flags: flags.value, namespace: NAMESPACE, transport, clock, log: options.log ?? silent, tls };
    return { process, controller: new Controller(context) };
  });

  function post(path: string, body: StoredObject): void {
    const answer = server.handle({ method: "POST", path, body });
    if (!answer.ok) throw new Error(answer.error.message);
  }
  const until = async (what: string, holds: () => boolean, limit: number): Promise<void> => {
    const end = world.now() + limit;
    for (;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (holds()) return;
      const next = world.nextWake();
      if (next === null || next > end) throw new Error(`seed ${seed}: waited ${limit} ms for ${what}`);
      world.advanceTo(next);
    }
  };
  const pathOf = (name: string): string => `/api/v1/namespaces/default/services/${name}`;
  const leads = ({ controller }: Replica): boolean => controller.healthChecks.some(({ name }) => name === "leading");

  for (const { controller } of all) void controller.start();
  await until("a leader", () => all.some(leads), 60_000);
  return {
    world,
    random,
    setWallClocks: (by) => {
      wallTime += by;
    },
    server,
    history,
    all,
    leader() {
      const [only, ...others] = all.filter(leads);
      if (only === undefined || others.length > 0) throw new Error(`seed ${seed}: ${others.length} leaders too many`);
      return only;
    },
    create: (name, type) =>
      post("/api/v1/namespaces/default/services", {
        metadata: { namespace: "default", name },
        spec: {
          type,
          clusterIP: "10.96.0.1",
          clusterIPs: ["10.96.0.1"],
          ipFamilies: ["IPv4"],
          ipFamilyPolicy: "SingleStack",
          ports: [{ port: 80, protocol: "TCP" }],
        },
        status: { loadBalancer: {} },
      }),
    change: (name, spec) => void server.handle({ method: "PATCH", path: pathOf(name), body: { spec } }),
    remove: (name) => void server.handle({ method: "DELETE", path: pathOf(name) }),
    until,
    pass: async (milliseconds) => {
      let over = false;
      const end = world.wakeAt(instant(world.now() + milliseconds), () => {
        over = true;
      });
      await until("time to pass", () => over, milliseconds + 1);
      end();
    },
  };
}

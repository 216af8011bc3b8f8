import type { Release } from "@herald-lb/allocator";
import type { Logger } from "@herald-lb/daemon";
import {
  type ApiError,
  type ApiRequest,
  createStore,
  type InformerHandler,
  type Occurrence,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import { defaultAllocationPolicy } from "@herald-lb/k8s-glue/ipam";
import type { ConflictsByAddress, Configuration } from "@herald-lb/k8s-glue/metallb";
import { type Namespace, type Service, splitKey } from "@herald-lb/k8s-glue/objects";
import { err, ok } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { pool, pools, service } from "./cluster-objects.test.fixture.ts";
import { Term } from "./term.ts";

interface Patch {
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Record<string, string | null> };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress: readonly { readonly ip: string }[] | null };
    readonly conditions?: NonNullable<Service["status"]>["conditions"] | null;
  };
}

/** A term with what it reads, and what it did. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly term: () => Term;
  readonly writes: string[];
  readonly events: Occurrence[];
  readonly put: (object: Service) => void;
  readonly remove: (name: string) => void;
  /** The errors that refuse the next writes. */
  readonly refusals: ApiError["code"][];
  readonly idle: () => Promise<void>;
  open: boolean;
  /** True as long as a write comes back by the watch. */
  echo: boolean;
  configuration: Configuration;
  /** The addresses that other stations have. */
  conflicts: ConflictsByAddress;
  /** A Namespace as it is now. */
  readonly namespace: (name: string, annotations: Readonly<Record<string, string>>) => void;
}

const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;

/** A term over a cluster that answers writes as an API server does, versions and all. */
export function bench(recorded: readonly Service[] = [], releases: readonly Release[] = []): Bench {
  const clock = createVirtualClock();
  const store = createStore<Service>();
  const namespaces = createStore<Namespace>();
  const handlers = new Set<InformerHandler<Service>>();
  const put = (object: Service): void => {
    const change = store.put(object);
    if (change?.type === "Added") for (const handler of handlers) handler.onAdd?.(change.key, change.object);
    if (change?.type === "Updated")
      for (const handler of handlers) handler.onUpdate?.(change.key, change.object, change.previous);
  };
  for (const object of recorded) put(object);
  const failure = (code: ApiError["code"]): ReturnType<typeof err<ApiError>> =>
    err({ code, status: 0, reason: "", message: code, retryAfter: null } as unknown as ApiError);
  const request = async (wanted: ApiRequest): Promise<unknown> => {
    if (wanted.guard?.() === false) return failure("Fenced");
    const code = self.refusals.shift();
    if (code !== undefined) return failure(code);
    const key = wanted.path.replace(/^.*namespaces\/([^/]+)\/services\/([^/]+)\/status$/, "$1/$2");
    const live = store.get(key);
    if (live === undefined) return failure("NotFound");
    const { metadata, status } = wanted.body as Patch;
    if (metadata.resourceVersion !== live.metadata?.resourceVersion) return failure("Conflict");
    const written = status?.loadBalancer;
    const ingress = written === undefined ? (live.status?.loadBalancer?.ingress ?? []) : (written.ingress ?? []);
    const conditions = status?.conditions === undefined ? (live.status?.conditions ?? []) : (status.conditions ?? []);
    const said = written === undefined ? conditions.map(({ reason }) => reason) : ingress.map(({ ip = "?" }) => ip);
    self.writes.push(`${splitKey(key).name}: ${said.join(" ")}`);
    const merged = Object.entries({ ...live.metadata.annotations, ...metadata.annotations });
    const annotations = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
    const version = String(Number(live.metadata.resourceVersion) + 1);
    const now = { ...live, metadata: { ...live.metadata, annotations, resourceVersion: version } };
    if (self.echo) put({ ...now, status: { loadBalancer: { ingress }, conditions } });
    return ok({});
  };
  const self: Bench = {
    clock,
    writes: [],
    events: [],
    refusals: [],
    open: true,
    echo: true,
    conflicts: new Map(),
    configuration: pools(pool("two", ["192.0.2.1-192.0.2.2"])),
    namespace: (name, annotations) => void namespaces.put({ metadata: { name, annotations } }),
    put,
    remove: (name) => {
      const change = store.remove(service(name));
      if (change !== null) for (const handler of handlers) handler.onDelete?.(change.key, change.object);
    },
    term: () =>
      new Term(
        clock,
        {
          services: {
            store,
            addHandler: (handler) => {
              handlers.add(handler);
              for (const object of store.list()) handler.onAdd?.(`default/${object.metadata?.name}`, object);
              return () => void handlers.delete(handler);
            },
          },
          namespaces: { store: namespaces },
          configuration: { current: () => self.configuration },
          conflicts: () => self.conflicts,
        },
        defaultAllocationPolicy,
        { services: recorded, releases },
        {
          transport: { request } as unknown as Transport,
          events: { record: (occurrence) => void self.events.push(occurrence) },
          metrics: { refusals: { inc() {} } as never, allocation: { observe() {} } as never },
          log: silent,
          wallTime: () => "2026-01-01T00:00:00Z",
          fence: () => self.open,
          onReconciled: () => {},
        },
      ),
    idle: async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return self;
}

/** The reasons of Events, behind the names of what they are about. */
export function reasons(events: readonly Occurrence[]): readonly string[] {
  return events.map(({ object, reason }) => `${object.name} ${reason}`);
}

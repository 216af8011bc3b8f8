import { createStore, type InformerHandler, type ReconcileResult } from "@herald-lb/k8s-glue/client";
import type { AllocationResult } from "@herald-lb/k8s-glue/ipam";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { pools, service } from "./cluster-objects.test.fixture.ts";
import { ServiceReconciler, type ServiceReconcilerOptions } from "./service-reconciler.ts";

interface Bench {
  readonly clock: VirtualClock;
  readonly reconciler: () => ServiceReconciler;
  /** Every call that the reconciler made, in order. */
  readonly calls: string[];
  readonly put: (object: Service) => void;
  readonly remove: (name: string) => void;
  readonly idle: () => Promise<void>;
  /** The keys that `takeWoken` answers with next. */
  woken: string[];
  deadline: number | null;
  awaited: Set<string>;
  stale: boolean;
  deleted: boolean;
  atOdds: Set<string>;
  /** The results of the next writes; `Done` when empty. */
  readonly results: ReconcileResult[];
  /** Resolves the writes that are held, where `holds`. */
  readonly release: () => void;
  holds: boolean;
}

function bench(): Bench {
  const clock = createVirtualClock();
  const store = createStore<Service>();
  const handlers = new Set<InformerHandler<Service>>();
  const held: (() => void)[] = [];
  const short = (key: string): string => key.replace("default/", "");
  const note = (what: string, key: string): void => void self.calls.push(`${what} ${short(key)}`);
  const options: ServiceReconcilerOptions = {
    clock,
    services: {
      store,
      addHandler: (handler) => {
        handlers.add(handler);
        for (const object of store.list()) handler.onAdd?.(`default/${object.metadata?.name}`, object);
        return () => void handlers.delete(handler);
      },
    },
    ledger: {
      configure: () => ["default/a"],
      forget: (key) => note("forget", key),
      hasStaleAddress: (key) => self.atOdds.has(short(key)),
      nextDeadline: () => (self.deadline === null ? null : instant(self.deadline)),
      takeAnnotationEvents: () => [],
      reconcile: (key): AllocationResult => {
        note("reconcile", key);
        return { type: "Released" };
      },
      takeWoken: () => self.woken.splice(0).map((name) => `default/${name}`),
    },
    staleCache: {
      awaited: () => [...self.awaited].map((name) => `default/${name}`),
      isAwaited: (key) => self.awaited.has(short(key)),
      isDeleted: async (key) => {
        note("ask", key);
        return self.deleted;
      },
      isStale: () => self.stale,
    },
    writer: {
      write: async (key) => {
        note("write", key);
        if (self.holds) await new Promise<void>((resolve) => held.push(resolve));
        return self.results.shift() ?? { type: "Done" };
      },
    },
    latency: { start: (key) => note("start", key), drop: (key) => note("drop", key) },
    onNotices: () => {},
    onReconciled: () => {},
  };
  const self: Bench = {
    clock,
    reconciler: () => new ServiceReconciler(options),
    calls: [],
    put: (object) => {
      const change = store.put(object);
      if (change?.type === "Added") for (const handler of handlers) handler.onAdd?.(change.key, change.object);
      if (change?.type === "Updated")
        for (const handler of handlers) handler.onUpdate?.(change.key, change.object, change.previous);
    },
    remove: (name) => {
      const change = store.remove(service(name));
      if (change !== null) for (const handler of handlers) handler.onDelete?.(change.key, change.object);
    },
    idle: async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    woken: [],
    deadline: null,
    awaited: new Set(),
    stale: false,
    deleted: true,
    atOdds: new Set(),
    results: [],
    release: () => {
      for (const resolve of held.splice(0)) resolve();
    },
    holds: false,
  };
  return self;
}

const facts = { configuration: pools(), namespaces: new Map(), quotas: new Map() };

describe("ServiceReconciler", () => {
  it("decides and writes once for a Service, and measures only one that waits for an address", async () => {
    const at = bench();
    at.put(service("a"));
    at.put(service("b", { ips: ["192.0.2.1"] }));
    at.put(service("c", { type: "ClusterIP" }));
    const reconciler = at.reconciler();
    await at.idle();
    expect(at.calls.toSorted()).toEqual(
      ["start a", "reconcile a", "write a", "reconcile b", "write b", "reconcile c", "write c"].toSorted(),
    );
    expect(reconciler.isIdle).toBe(true);
  });

  it("tries again after a write that failed, with a new decision", async () => {
    const at = bench();
    at.results.push({ type: "Retry" });
    at.put(service("a", { ips: ["192.0.2.1"] }));
    at.reconciler();
    await at.idle();
    expect(at.calls).toEqual(["reconcile a", "write a"]);
    at.clock.advanceBy(1_000);
    await at.idle();
    expect(at.calls).toEqual(["reconcile a", "write a", "reconcile a", "write a"]);
  });

  it("decides nothing on a Service that the cache shows in an old version", async () => {
    const at = bench();
    at.stale = true;
    at.put(service("a"));
    at.reconciler();
    await at.idle();
    expect(at.calls).toEqual(["start a"]);
  });

  it("forgets a Service that was deleted, without asking for it", async () => {
    const at = bench();
    at.put(service("a", { ips: ["192.0.2.1"] }));
    at.reconciler();
    await at.idle();
    at.calls.length = 0;
    at.remove("a");
    await at.idle();
    expect(at.calls).toEqual(["drop a", "forget a"]);
  });

  it("forgets an adopted Service that never came only when the API server has it no more, and asks every second", async () => {
    const at = bench();
    at.awaited.add("a");
    at.deleted = false;
    at.reconciler();
    await at.idle();
    expect(at.calls).toEqual(["ask a"]);
    at.clock.advanceBy(999);
    await at.idle();
    expect(at.calls).toEqual(["ask a"]);
    at.deleted = true;
    at.clock.advanceBy(1);
    await at.idle();
    expect(at.calls).toEqual(["ask a", "ask a", "drop a", "forget a"]);
  });

  it("takes a Service at odds with the ledger before all others that wait", async () => {
    const at = bench();
    at.holds = true;
    at.atOdds.add("z");
    at.reconciler();
    for (let index = 0; index < 10; index++) at.put(service(`s${index}`, { ips: ["192.0.2.1"] }));
    at.put(service("z", { ips: ["192.0.2.1"] }));
    await at.idle();
    at.holds = false;
    at.release();
    await at.idle();
    const order = at.calls.filter((call) => call.startsWith("reconcile"));
    expect(order.indexOf("reconcile z")).toBe(8);
    expect(order).toHaveLength(11);
  });

  it("has at most eight writes under way", async () => {
    const at = bench();
    at.holds = true;
    at.reconciler();
    for (let index = 0; index < 20; index++) at.put(service(`s${index}`, { ips: ["192.0.2.1"] }));
    await at.idle();
    expect(at.calls.filter((call) => call.startsWith("write"))).toHaveLength(8);
  });

  it("reconciles the Services for which something has become free, and those whose time has come", async () => {
    const at = bench();
    for (const name of ["a", "b", "c"]) at.put(service(name, { ips: ["192.0.2.1"] }));
    at.reconciler();
    await at.idle();
    at.calls.length = 0;
    at.woken = ["b"];
    at.deadline = 5_000;
    at.put(service("a", { ips: ["192.0.2.1"], version: "2" }));
    await at.idle();
    expect(at.calls).toEqual(["reconcile a", "write a", "reconcile b", "write b"]);
    at.calls.length = 0;
    at.clock.advanceBy(4_999);
    at.woken = ["c"];
    await at.idle();
    expect(at.calls).toEqual([]);
    at.deadline = null;
    at.clock.advanceBy(1);
    await at.idle();
    expect(at.calls).toEqual(["reconcile c", "write c"]);
    expect(at.clock.nextWake()).toBeNull();
  });

  it("reconciles the Services that new facts concern", async () => {
    const at = bench();
    at.put(service("a", { ips: ["192.0.2.1"] }));
    const reconciler = at.reconciler();
    await at.idle();
    at.calls.length = 0;
    reconciler.reconfigure(facts);
    await at.idle();
    expect(at.calls).toEqual(["reconcile a", "write a"]);
  });

  it("ends when the writes under way have ended, and takes nothing any more", async () => {
    const at = bench();
    at.holds = true;
    at.deadline = 5_000;
    at.put(service("a", { ips: ["192.0.2.1"] }));
    const reconciler = at.reconciler();
    await at.idle();
    let ended = false;
    void reconciler.end().then(() => {
      ended = true;
    });
    at.put(service("b", { ips: ["192.0.2.1"] }));
    reconciler.reconfigure(facts);
    await at.idle();
    expect([ended, at.clock.nextWake()]).toEqual([false, null]);
    at.release();
    await at.idle();
    expect(ended).toBe(true);
    expect(at.calls).toEqual(["reconcile a", "write a"]);
  });
});

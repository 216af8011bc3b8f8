import type { Service } from "@herald-lb/k8s-glue/objects";
import * as fc from "fast-check";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { type Pick, TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

const asks = (ips: string): ServiceFields => ({ annotations: annotated("loadBalancerIPs", ips) });
const names = (name: string): ServiceFields => ({ annotations: annotated("address-pool", name) });
const shares = (...ports: readonly (number | string)[]): ServiceFields => ({
  annotations: annotated("allow-shared-ip", "k"),
  ports,
});

/** The Services that there can be. */
export const variants: readonly ServiceFields[] = [
  {},
  { ports: [443] },
  { stack: "v6" },
  { stack: "dual" },
  { stack: "dual-v6-first" },
  { stack: "dual", policy: "RequireDualStack" },
  { policy: "PreferDualStack" },
  { policy: "RequireDualStack" },
  { stack: "none" },
  { spec: { type: "ClusterIP" } },
  { labels: { app: "web" } },
  asks("192.0.2.1"),
  asks("203.0.113.1"),
  asks("203.0.113.9"),
  asks("nonsense"),
  { ...asks("198.51.100.1,2001:db8::1"), stack: "dual" },
  { ...asks("198.51.100.1"), stack: "dual" },
  names("b"),
  names("m"),
  names("t"),
  names("nowhere"),
  shares(80),
  shares(80, 443),
  shares(53, "53/UDP"),
  { ...shares(80), spec: { externalTrafficPolicy: "Local", selector: { app: "web" } } },
  { annotations: annotated("allow-shared-ip", "other"), ports: [8080] },
  { annotations: { "herald-lb.io/addresses-per-family": "2" } },
  { annotations: { "herald-lb.io/addresses-per-family": "2" }, stack: "dual" },
  { annotations: { "herald-lb.io/addresses-per-family": "2", ...asks("203.0.113.0,203.0.113.1").annotations } },
  {
    annotations: { ...annotated("allow-shared-ip", "k"), "herald-lb.io/share-with-namespaces": "*" },
    ports: [8443],
  },
];

/** The keys of Services. */
export const keys: string[] = ["default/a", "default/b", "default/c", "default/d", "team-t/a", "team-t/b", "team-t/c"];

const a = pool("a", ["192.0.2.0/31"]);
const b = pool("b", ["198.51.100.0/31", "2001:db8::/127"]);
const m = pool("m", ["203.0.113.0/31"], { autoAssign: false });
const t = pool("t", ["192.0.2.16/31"], {
  serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "t" } }], priority: 10 },
});

/** Pools that have no memory. */
export const configurations: readonly (readonly ReturnType<typeof pool>[])[] = [
  [a, b, m, t],
  [a, b],
  [b, m, t],
  [pool("a", ["192.0.2.0/30"]), b, m, t],
  [pool("a", ["192.0.2.0/30"], { avoidBuggyIPs: true }), b, m, t],
  [a, pool("b", ["198.51.100.0/31"]), m, t],
  [pool("one", ["192.0.2.0/30", "198.51.100.0/31"]), m],
  [
    a,
    b,
    m,
    pool("t", ["192.0.2.16/31"], { serviceAllocation: { serviceSelectors: [{ matchLabels: { app: "web" } }] } }),
  ],
  [],
  [pool("a", ["192.0.2.0/30"], { excludeAddresses: ["192.0.2.1"] }), b, m, t],
  [
    pool("a", ["192.0.2.0/30"], {
      reservations: [
        { namespace: "default", name: "b", addresses: ["192.0.2.3"] },
        { namespace: "team-t", name: "never", addresses: ["192.0.2.2"] },
      ],
    }),
    b,
    m,
    t,
  ],
  [
    pool("a", ["192.0.2.0/30"], { maxAddressesPerNamespace: 1 }),
    pool("b", ["198.51.100.0/31", "2001:db8::/127"], { maxAddressesPerNamespace: 2 }),
    m,
    t,
  ],
  [pool("a", ["192.0.2.0/30"], { tenancy: { namespaces: ["team-t"], sharing: "Namespace" } }), b, m, t],
];

/** Pools that remember who had what, so that what they give is history on purpose. */
const remembering: readonly (readonly ReturnType<typeof pool>[])[] = [
  [
    pool("a", ["192.0.2.0/30"], { coolDown: "1m" }),
    pool("b", ["198.51.100.0/31", "2001:db8::/127"], { coolDown: "2m" }),
    m,
    t,
  ],
  [pool("a", ["192.0.2.0/30"], { sticky: true, coolDown: "1m" }), b, m, t],
  [pool("a", ["192.0.2.0/30"], { allocationOrder: "LeastRecentlyUsed", sticky: true }), b, m, t],
  [pool("a", ["192.0.2.0/30"], { allocationOrder: "LeastRecentlyUsed", coolDown: "3m" }), b, m, t],
];

/** The configurations, and those that remember. */
export const everyConfiguration: typeof configurations = [...configurations, ...remembering];

/** An event in the life of a cluster. */
export type Happening =
  | { readonly type: "Applied"; readonly key: string; readonly fields: ServiceFields }
  | { readonly type: "Deleted"; readonly key: string }
  /** `to` counts `everyConfiguration`. */
  | { readonly type: "Configured"; readonly to: number }
  | { readonly type: "Labelled"; readonly team: string }
  | { readonly type: "Allowed"; readonly quota: number | null }
  | { readonly type: "Passed"; readonly minutes: number }
  | { readonly type: "Elected" };

const applied: fc.Arbitrary<Happening> = fc.record({
  type: fc.constant("Applied" as const),
  key: fc.constantFrom(...keys),
  fields: fc.constantFrom(...variants),
});
/** An arbitrary of what can happen, where the pools can be any of the first so many configurations. */
export function happeningOf(count: number): fc.Arbitrary<Happening> {
  return fc.oneof(
    { arbitrary: applied, weight: 20 },
    { arbitrary: fc.record({ type: fc.constant("Deleted" as const), key: fc.constantFrom(...keys) }), weight: 8 },
    { arbitrary: fc.record({ type: fc.constant("Configured" as const), to: fc.nat(count - 1) }), weight: 4 },
    { arbitrary: fc.record({ type: fc.constant("Labelled" as const), team: fc.constantFrom("t", "u") }), weight: 2 },
    {
      arbitrary: fc.record({ type: fc.constant("Allowed" as const), quota: fc.constantFrom(null, 0, 1, 3) }),
      weight: 1,
    },
    { arbitrary: fc.record({ type: fc.constant("Passed" as const), minutes: fc.nat(3) }), weight: 2 },
    { arbitrary: fc.constant({ type: "Elected" } as const), weight: 2 },
  );
}

/** A cluster and what is the case in it. */
export class Story {
  readonly cluster: TestCluster;
  pools: readonly ReturnType<typeof pool>[] = configurations[0] ?? [];
  #team = "t";
  #quota: number | null = null;

  constructor(pick?: Pick) {
    this.cluster = new TestCluster({}, pick).namespace("team-t", { team: "t" }).configure(...this.pools);
  }

  happens(event: Happening): void {
    const { cluster } = this;
    if (event.type === "Applied") cluster.apply(loadBalancerService(event.key, event.fields));
    else if (event.type === "Deleted") cluster.delete(event.key);
    else if (event.type === "Elected") cluster.elect();
    else if (event.type === "Passed") cluster.pass(event.minutes * 60_000);
    else if (event.type === "Configured") {
      this.pools = everyConfiguration[event.to] ?? [];
      cluster.configure(...this.pools);
    } else {
      if (event.type === "Labelled") this.#team = event.team;
      else this.#quota = event.quota;
      cluster.namespace("team-t", { team: this.#team }, this.#quota);
    }
    cluster.reconcile();
  }

  /** Another cluster, which never knew any Services but these, found as they are. */
  found(services: Iterable<Service>): TestCluster {
    const cluster = new TestCluster().namespace("team-t", { team: this.#team }, this.#quota).configure(...this.pools);
    for (const service of services) cluster.replace(service);
    return cluster.elect().reconcile();
  }
}

/**
 * The properties that do not depend on history, over random sequences of changes to Services, pools, namespaces and leaders.
 *
 * Pools here are scarce, so the order of arrival decides which Services get addresses; that is intended. Pools that are sticky, cool down,
 * or assign the least recently used address remember more, also by intention. Nothing else depends on history. After every event, once
 * the controller's queue is empty: an address has several holders only if they may share it; every address is in the pool that the
 * annotation names; a Service that has all it requests keeps it, whatever happens to others; the pending Services are exactly those
 * whose explanation has a refusal; another reconcile or another leader moves no Service; and no Service was written more than twice on
 * the way. In the end, the remaining Services have what they have in a cluster that never had the others and starts with the same
 * recorded addresses. Starting with what was recorded before the others were deleted, every Service that had all it requests has it
 * there as well. Of several pending Services, the one that came first gets what becomes free.
 *
 * While no pool is full, the order of arrival decides only which address of its pool a Service gets: the pool, the families and the
 * refusals are the same in every order.
 */
import { summaryOf } from "@herald-lb/k8s-glue/ipam";
import { keyOf, type Service } from "@herald-lb/k8s-glue/objects";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { type Pick, TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

const asks = (ips: string): ServiceFields => ({ annotations: annotated("loadBalancerIPs", ips) });
const names = (name: string): ServiceFields => ({ annotations: annotated("address-pool", name) });
const shares = (...ports: readonly (number | string)[]): ServiceFields => ({
  annotations: annotated("allow-shared-ip", "k"),
  ports,
});

const variants: readonly ServiceFields[] = [
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

const keys = ["default/a", "default/b", "default/c", "default/d", "team-t/a", "team-t/b", "team-t/c"];

const a = pool("a", ["192.0.2.0/31"]);
const b = pool("b", ["198.51.100.0/31", "2001:db8::/127"]);
const m = pool("m", ["203.0.113.0/31"], { autoAssign: false });
const t = pool("t", ["192.0.2.16/31"], {
  serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "t" } }], priority: 10 },
});

const configurations: readonly (readonly ReturnType<typeof pool>[])[] = [
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

const everyConfiguration = [...configurations, ...remembering];

type Happening =
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
/** What can happen, where the pools can be any of the first so many configurations. */
function happeningOf(count: number): fc.Arbitrary<Happening> {
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
class Story {
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

/** What each Service's status says. */
function shownBy(cluster: TestCluster): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...cluster.services.keys()].map((key) => [key, cluster.show(key)]));
}

/** Whether two Services may hold one address, by the rules as they are written (§4.5). */
function mayShare(one: Service, other: Service): boolean {
  const key = (service: Service): string => service.metadata?.annotations?.["metallb.io/allow-shared-ip"] ?? "";
  const backend = (service: Service): string =>
    service.spec?.externalTrafficPolicy === "Local" ? JSON.stringify(service.spec.selector) : "";
  const ports = (service: Service): readonly string[] =>
    (service.spec?.ports ?? []).map(({ port, protocol = "TCP" }) => `${protocol}/${port}`);
  if (key(one) === "" || key(one) !== key(other) || backend(one) !== backend(other)) return false;
  return ports(one).every((port) => !ports(other).includes(port));
}

/** The addresses of a pool, one by one: for pools as small as these, whose entries differ in their last number alone. */
function membersOf(each: ReturnType<typeof pool>): readonly string[] {
  const { spec } = each as { spec: { addresses: string[]; avoidBuggyIPs?: boolean; excludeAddresses?: string[] } };
  const { addresses, avoidBuggyIPs = false, excludeAddresses = [] } = spec;
  const members = addresses.flatMap((entry) => {
    const [, stem = "", first = "", length = ""] = /^(.*[.:])(\d*)\/(\d+)$/u.exec(entry) ?? [];
    const count = 2 ** ((stem.includes(":") ? 128 : 32) - Number(length));
    return Array.from({ length: count }, (_, at) =>
      stem.includes(":") && at === 0 ? stem : `${stem}${Number(first) + at}`,
    );
  });
  const avoided = (ip: string): boolean => avoidBuggyIPs && /\.(?:0|255)$/u.test(ip);
  return members.filter((ip) => !avoided(ip) && !excludeAddresses.includes(ip));
}

function expectLegal(cluster: TestCluster, pools: readonly ReturnType<typeof pool>[]): void {
  const holders = new Map<string, Service[]>();
  for (const [key, service] of cluster.services) {
    const { ips, pool: from } = cluster.show(key);
    expect(ips.length > 0).toBe(from !== null);
    const members = pools.filter(({ metadata }) => metadata?.name === from).flatMap(membersOf);
    for (const ip of ips) {
      expect(members, `${key} of ${from}`).toContain(ip);
      for (const other of holders.get(ip) ?? []) {
        expect(mayShare(service, other), `${key} and ${other.metadata?.name} on ${ip}`).toBe(true);
      }
      holders.set(ip, [...(holders.get(ip) ?? []), service]);
    }
  }
}

/** The pending Services are those whose explanation has a refusal, and no Service would get anything else by another reconcile. */
function expectExplained(cluster: TestCluster): void {
  for (const [key, service] of cluster.services) {
    const { result } = cluster.ledger.explain(service, cluster.now);
    if (result.type === "NotOurs" || result.type === "Released") {
      expect(cluster.ledger.pending.has(key)).toBe(false);
      continue;
    }
    const { assignment, refusal } = summaryOf(result);
    expect(cluster.ledger.pending.has(key), key).toBe(refusal !== null);
    expect(cluster.show(key), key).toEqual({ ips: assignment?.addresses ?? [], pool: assignment?.pool ?? null });
  }
}

/**
 * Reconciles everything again, and nothing changes but the messages of pending Services: where several conditions refuse a request, the
 * one that is named may be another by now.
 */
function expectRest(cluster: TestCluster): void {
  const shown = shownBy(cluster);
  for (const again of ["once", "twice"]) {
    cluster.forgetHistory();
    for (const key of cluster.services.keys()) cluster.look(key);
    cluster.reconcile();
    const written = [...cluster.writes.keys()];
    if (again === "twice") expect(written).toEqual([]);
    expect(written.filter((key) => !cluster.ledger.pending.has(key))).toEqual([]);
    expect(shownBy(cluster)).toEqual(shown);
  }
}

/** The Services that have all they ask for, with what they have. */
function contented(cluster: TestCluster): ReadonlyMap<string, unknown> {
  const served = [...cluster.services.keys()].filter((key) => !cluster.ledger.pending.has(key));
  return new Map(served.map((key) => [key, cluster.show(key)]));
}

describe("whatever happens to Services, pools and leaders", () => {
  it("leaves everything at rest, legal, explained, and with the same Services satisfied", () => {
    const happenings = fc.array(happeningOf(everyConfiguration.length), { maxLength: 30, size: "max" });
    fc.assert(
      fc.property(happenings, fc.infiniteStream(fc.nat(6)), (events, picks) => {
        const story = new Story((count) => picks.next().value % count);
        const { cluster } = story;
        for (const event of events) {
          const before = contented(cluster);
          const shown = shownBy(cluster);
          cluster.forgetHistory();
          story.happens(event);
          for (const [key, count] of cluster.writes) expect(count, key).toBeLessThanOrEqual(2);
          if (event.type === "Elected") expect(shownBy(cluster)).toEqual(shown);
          if (event.type !== "Configured" && event.type !== "Labelled") {
            const own = event.type === "Applied" || event.type === "Deleted" ? event.key : null;
            for (const [key, had] of before) if (key !== own) expect(cluster.show(key), key).toEqual(had);
          }
          expectLegal(cluster, story.pools);
          expectExplained(cluster);
          expectRest(cluster);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("leaves those that are left with what they would have if the others had never been", () => {
    const happenings = fc.array(happeningOf(configurations.length), { minLength: 5, maxLength: 40, size: "max" });
    fc.assert(
      fc.property(happenings, fc.subarray(keys), (events, left) => {
        const story = new Story();
        const { cluster } = story;
        for (const event of events) story.happens(event);
        for (const key of cluster.services.keys()) if (!left.includes(key)) cluster.delete(key);
        const earlier = [...cluster.services.values()];
        cluster.reconcile();

        const fresh = story.found(cluster.services.values());
        expect(shownBy(fresh)).toEqual(shownBy(cluster));
        expect([...fresh.ledger.pending].toSorted()).toEqual([...cluster.ledger.pending].toSorted());
        expect([...fresh.writes.keys()].filter((key) => !fresh.ledger.pending.has(key))).toEqual([]);

        // Found as they were before the others went, those that had what they ask for have it there too, and only those wait that must.
        const other = story.found(earlier);
        for (const service of earlier) {
          const isServed = service.status?.conditions?.some(({ status }) => status === "True") === true;
          const held = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
          if (isServed) expect(other.ips(keyOf(service))).toEqual(expect.arrayContaining(held));
        }
        expectLegal(other, story.pools);
        expectExplained(other);
      }),
      { numRuns: 80 },
    );
  });

  it("gives the same pools, families and refusals in every order of arrival while no pool is full", () => {
    const ample = [
      pool("a", ["192.0.2.0/26"]),
      pool("b", ["198.51.100.0/26", "2001:db8::/122"]),
      pool("m", ["203.0.113.0/26"], { autoAssign: false }),
      pool("t", ["192.0.2.128/26"], {
        serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "t" } }], priority: 10 },
      }),
    ];
    // Two Services compete for an address that one requests and another is assigned without a request, and so do those that share it.
    const quiet = variants.filter(({ annotations = {}, ports }) => {
      const asked = annotations["metallb.io/loadBalancerIPs"];
      return ports === undefined && (asked === undefined || asked === "nonsense");
    });
    const many = quiet.flatMap((fields, at) =>
      ["default", "team-t"].map((namespace) => loadBalancerService(`${namespace}/s${at}`, fields)),
    );
    const outcome = (services: readonly Service[]): unknown => {
      const cluster = new TestCluster().namespace("team-t", { team: "t" }).configure(...ample);
      for (const service of services) cluster.apply(service).reconcile();
      expectExplained(cluster);
      return [...cluster.services]
        .map(([key, { status }]) => {
          const { ips, pool: from } = cluster.show(key);
          const families = ips.map((ip) => (ip.includes(":") ? "IPv6" : "IPv4"));
          return [key, from, families, status?.conditions?.map(({ reason }) => reason)] as const;
        })
        .toSorted(([one], [other]) => (one < other ? -1 : 1));
    };
    const wanted = outcome(many);
    const places = many.map((_, at) => at);
    fc.assert(
      fc.property(fc.shuffledSubarray(places, { minLength: places.length }), (order) => {
        expect(outcome(order.flatMap((at) => many[at] ?? []))).toEqual(wanted);
      }),
      { numRuns: 80 },
    );
  });
});

import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import { defaultAllocationPolicy } from "../demand/policy.ts";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";
import { Ledger } from "./ledger.ts";

const NOW = instant(0);

interface Facts {
  readonly pools?: readonly KubernetesObject[];
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly quotas?: Readonly<Record<string, number>>;
}

function facts({ pools = [], namespaces = {}, quotas = {} }: Facts): ClusterFacts {
  return {
    configuration: readConfiguration(pools),
    namespaces: new Map(Object.entries(namespaces)),
    quotas: new Map(Object.entries(quotas)),
  };
}

const a = pool("a", ["192.0.2.0/31"]);
const b = pool("b", ["198.51.100.0/31"]);
const forX = (name: string, addresses: string): KubernetesObject =>
  pool(name, [addresses], { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "x" } }] } });
const teamX = { "ns-1": { team: "x" } };

describe("the Services that a change of facts concerns", () => {
  it.each<{
    name: string;
    before: Facts;
    services: Readonly<Record<string, ServiceFields>>;
    now: Facts;
    expected: readonly string[];
  }>([
    { name: "nothing changes", before: { pools: [a] }, services: { one: {} }, now: { pools: [a] }, expected: [] },
    {
      name: "another pool comes: who has what it wants is left alone",
      before: { pools: [a] },
      services: { one: {}, waits: { annotations: annotated("address-pool", "none") } },
      now: { pools: [a, b] },
      expected: ["waits"],
    },
    {
      name: "a pool goes: its holders, not those of another",
      before: { pools: [a, b] },
      services: {
        one: { annotations: annotated("address-pool", "a") },
        two: { annotations: annotated("address-pool", "b") },
      },
      now: { pools: [b] },
      expected: ["one"],
    },
    {
      name: "a pool is called otherwise: its holders, whose annotation names it",
      before: { pools: [a] },
      services: { one: {}, two: {} },
      now: { pools: [pool("z", ["192.0.2.0/31"])] },
      expected: ["one", "two"],
    },
    {
      name: "a full pool grows: who waits for it, not who waits for something else",
      before: { pools: [a, pool("else", ["203.0.113.0/32"], { autoAssign: false })] },
      services: {
        one: {},
        two: {},
        waits: {},
        "waits-else": { annotations: annotated("loadBalancerIPs", "203.0.113.7") },
        broken: { annotations: annotated("loadBalancerIPs", "no address") },
      },
      now: { pools: [pool("a", ["192.0.2.0/30"]), pool("else", ["203.0.113.0/32"], { autoAssign: false })] },
      expected: ["waits"],
    },
    {
      name: "a requested address comes to lie in a pool",
      before: { pools: [a] },
      services: {
        asks: { annotations: annotated("loadBalancerIPs", "198.51.100.1") },
        "asks-else": { annotations: annotated("loadBalancerIPs", "198.51.100.9") },
      },
      now: { pools: [a, pool("b", ["198.51.100.0/31"], { autoAssign: false })] },
      expected: ["asks", "asks-else"],
    },
    {
      name: "the only pool rejects a Service for its labels, no longer for its namespace",
      before: { pools: [pool("a", ["192.0.2.0/31"], { serviceAllocation: { namespaces: ["other"] } })] },
      services: { waits: {} },
      now: {
        pools: [
          pool("a", ["192.0.2.0/31"], { serviceAllocation: { serviceSelectors: [{ matchLabels: { tier: "web" } }] } }),
        ],
      },
      expected: ["waits"],
    },
    {
      name: "autoAssign goes off: holders stay",
      before: { pools: [a] },
      services: { one: {} },
      now: { pools: [pool("a", ["192.0.2.0/31"], { autoAssign: false })] },
      expected: [],
    },
    {
      name: "a namespace's labels stop fitting the holder's pool",
      before: { pools: [forX("x", "192.0.2.0/31"), b], namespaces: teamX },
      services: { "ns-1/one": {}, "ns-2/two": {} },
      now: { pools: [forX("x", "192.0.2.0/31"), b] },
      expected: ["ns-1/one"],
    },
    {
      name: "a namespace's labels change that no pool asks for",
      before: { pools: [forX("x", "192.0.2.0/31"), b], namespaces: teamX },
      services: { "ns-1/one": {}, "ns-2/two": {} },
      now: { pools: [forX("x", "192.0.2.0/31"), b], namespaces: { "ns-1": { team: "x", more: "y" }, "ns-2": {} } },
      expected: [],
    },
    {
      name: "a namespace's labels come to fit: who waits there",
      before: { pools: [forX("x", "192.0.2.0/31")] },
      services: { "ns-1/one": {}, "ns-2/two": {} },
      now: { pools: [forX("x", "192.0.2.0/31")], namespaces: teamX },
      expected: ["ns-1/one"],
    },
    {
      name: "selectors of Services, by their labels",
      before: { pools: [b] },
      services: { one: { labels: { app: "web" } }, two: { labels: { app: "db" } } },
      now: {
        pools: [
          pool("b", ["198.51.100.0/31"], {
            serviceAllocation: { serviceSelectors: [{ matchLabels: { app: "web" } }] },
          }),
        ],
      },
      expected: ["two"],
    },
    {
      name: "tenancy never concerns who holds",
      before: { pools: [a, b] },
      services: { one: { annotations: annotated("address-pool", "a") } },
      now: { pools: [pool("a", ["192.0.2.0/31"], { tenancy: { namespaces: ["other"] } }), b] },
      expected: [],
    },
    {
      name: "a quota never concerns who holds",
      before: { pools: [a] },
      services: { one: {}, two: {} },
      now: { pools: [a], quotas: { default: 1 } },
      expected: [],
    },
  ])("$name", ({ before, services, now, expected }) => {
    const ledger = new Ledger(defaultAllocationPolicy, facts(before));
    for (const [name, fields] of Object.entries(services)) {
      const key = name.includes("/") ? name : `default/${name}`;
      ledger.reconcile(key, loadBalancerService(name, fields), NOW);
    }
    ledger.takeWoken(NOW);
    const keys = expected.map((name) => (name.includes("/") ? name : `default/${name}`));
    expect(ledger.configure(facts(now)).toSorted()).toEqual(keys.toSorted());
  });

  const selects = (labels: Readonly<Record<string, string>>): object => ({ matchLabels: labels });
  const variants: readonly KubernetesObject[] = [
    pool("p", ["192.0.2.0/30"]),
    pool("p", ["192.0.2.0/29"]),
    pool("p", ["192.0.2.4/30"], { avoidBuggyIPs: true }),
    pool("p", ["192.0.2.0/29"], { autoAssign: false }),
    pool("q", ["198.51.100.0/31", "2001:db8::/127"], { serviceAllocation: { namespaces: ["x"], priority: 3 } }),
    pool("q", ["198.51.100.0/31"], { serviceAllocation: { namespaceSelectors: [selects({ t: "1" })] } }),
    pool("r", ["198.51.100.0/30"], { serviceAllocation: { serviceSelectors: [selects({ app: "s" })], priority: 1 } }),
    pool("r", ["203.0.113.0/31", "2001:db8::/126"]),
    pool("r", ["203.0.113.0/31"], {
      serviceAllocation: { namespaceSelectors: [selects({ t: "1" })], serviceSelectors: [selects({ app: "t" })] },
    }),
  ];
  const requests: readonly ServiceFields[] = [
    {},
    { stack: "dual" },
    { stack: "v6" },
    { labels: { app: "s" } },
    { annotations: annotated("address-pool", "q") },
    { annotations: annotated("loadBalancerIPs", "192.0.2.5") },
    { annotations: annotated("allow-shared-ip", "k"), ports: [443] },
    { stack: "dual", policy: "RequireDualStack" },
  ];
  const change = fc.oneof(
    fc.record({
      type: fc.constant("pools" as const),
      pools: fc.uniqueArray(fc.nat(variants.length - 1), { selector: (at) => variants[at]?.metadata?.name }),
    }),
    fc.record({
      type: fc.constant("labels" as const),
      namespace: fc.constantFrom("x", "y"),
      t: fc.constantFrom("0", "1"),
    }),
    fc.record({
      type: fc.constant("service" as const),
      namespace: fc.constantFrom("x", "y"),
      name: fc.nat(5),
      fields: fc.nat(requests.length - 1),
    }),
    fc.record({ type: fc.constant("gone" as const), namespace: fc.constantFrom("x", "y"), name: fc.nat(5) }),
  );

  /** The statuses without their messages. */
  const statusesOf = ({ services }: TestCluster): unknown =>
    [...services].map(([key, { status, metadata }]) => [
      key,
      metadata?.annotations,
      status?.loadBalancer,
      status?.conditions?.map(({ type, status: holds, reason }) => [type, holds, reason]),
    ]);

  it("is complete: no other Service would change", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), fc.boolean(), (changes, spreadPools) => {
        const cluster = new TestCluster({ spreadPools });
        for (const each of changes) {
          if (each.type === "pools") cluster.configure(...each.pools.flatMap((at) => variants[at] ?? []));
          else if (each.type === "labels") cluster.namespace(each.namespace, { t: each.t });
          else if (each.type === "service")
            cluster.apply(loadBalancerService(`${each.namespace}/s${each.name}`, requests[each.fields] ?? {}));
          else cluster.delete(`${each.namespace}/s${each.name}`);
          cluster.reconcile().forgetHistory();
          const before = statusesOf(cluster);
          for (const key of cluster.services.keys()) cluster.look(key);
          cluster.reconcile();
          // Pools may have come to refuse who waits for one more reason; it is not told as long as there is nothing for it.
          expect(statusesOf(cluster)).toEqual(before);
          for (const key of cluster.writes.keys()) expect(cluster.ledger.pending).toContain(key);
        }
      }),
      { numRuns: 300 },
    );
  });
});

import { readConfiguration, wantedPoolStatus } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

/** What a pool's status counts, and what the pool holds in truth. */
function counted(addresses: readonly string[], taken: readonly string[] = [], spec: object = {}) {
  const object = pool("p", addresses, spec);
  const cluster = new TestCluster().configure(object);
  for (const [at, ip] of taken.entries()) {
    cluster.apply(
      loadBalancerService(`s${at}`, {
        stack: ip.includes(":") ? "v6" : "v4",
        annotations: annotated("loadBalancerIPs", ip),
      }),
    );
  }
  const usage = cluster.reconcile().ledger.usageOf("p");
  const [ref] = readConfiguration([object]).objects;
  if (ref === undefined) throw new Error("no object");
  const effect = { programmed: true, reason: "Allocating", message: "" };
  const now = "2026-01-01T00:00:00Z";
  const { status } = wantedPoolStatus({ object: ref, live: object, issues: [], effect, now, usage });
  return { usage, status };
}

function totalOf(addresses: readonly string[], spec: object = {}): bigint {
  const { usage } = counted(addresses, [], spec);
  return (usage?.IPv4.available ?? 0n) + (usage?.IPv6.available ?? 0n);
}

/** §10.5: MetalLB's faults that are the controller's. */
export const faultRows: readonly ConformanceRow[] = [
  {
    section: "§10.5",
    row: "PreferDualStack never settles",
    verdict: "better",
    why: "settles in one write",
    check: () => {
      const cluster = new TestCluster().configure(pool("p", ["192.0.2.0/30", "2001:db8::/126"]));
      cluster.apply(loadBalancerService("s", { policy: "PreferDualStack" })).reconcile();
      for (let turn = 0; turn < 10; turn += 1) cluster.look("default/s").reconcile();
      cluster.elect().reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
      expect([...cluster.writes]).toEqual([["default/s", 1]]);
    },
  },
  {
    section: "§10.5",
    row: "total of a pool overflows",
    verdict: "better",
    why: "counted exactly, whatever the order of the ranges; the status says the largest number that JSON carries exactly in place of a larger one",
    check: () => {
      const entries = ["2001:db8::/64", "192.0.2.0/24", "2001:db8:1::/120"];
      for (const addresses of [entries, entries.toReversed()]) {
        const { usage, status } = counted(addresses, ["192.0.2.7", "2001:db8::1"]);
        expect(usage).toEqual({
          IPv4: { assigned: 1n, available: 255n },
          IPv6: { assigned: 1n, available: 2n ** 64n + 256n - 1n },
        });
        expect(status).toMatchObject({
          assignedIPv4: 1,
          assignedIPv6: 1,
          availableIPv4: 255,
          availableIPv6: Number.MAX_SAFE_INTEGER,
        });
      }
    },
  },
  {
    section: "§10.5",
    row: "namespace selectors that match nothing",
    verdict: "better",
    why: "the pool is closed, to explicit requests as well",
    check: () => {
      const closed = { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "none" } }] } };
      const cluster = new TestCluster().namespace("default", {}).configure(pool("p", ["192.0.2.0/30"], closed));
      cluster.apply(loadBalancerService("ip", { annotations: annotated("loadBalancerIPs", "192.0.2.1") }));
      cluster
        .apply(loadBalancerService("pool", { annotations: annotated("address-pool", "p") }), loadBalancerService("any"))
        .reconcile();
      for (const name of ["ip", "pool", "any"]) expect(cluster.ips(`default/${name}`)).toEqual([]);
    },
  },
  {
    section: "§10.5",
    row: "shared IPv6 address on two nodes",
    verdict: "better",
    why: "all Services on one address are elected by the same address",
    check: null,
    shownBy: "packages/k8s-glue/src/announce/announcements.test.ts: is elected by one address for all that share one",
  },
  {
    section: "§10.5",
    row: "BFDProfile in native mode",
    verdict: "better",
    why: "there is one mode, which has BFD",
    check: () => {
      const profile: KubernetesObject & { readonly spec: object } = {
        apiVersion: "metallb.io/v1beta1",
        kind: "BFDProfile",
        metadata: { name: "fast", namespace: "metallb-system" },
        spec: { receiveInterval: 100 },
      };
      const { pools, issues } = readConfiguration([profile, pool("p", ["192.0.2.0/30"])]);
      expect(pools.map(({ pool: { name } }) => name)).toEqual(["p"]);
      expect(issues).toEqual([]);
      const cluster = new TestCluster()
        .configure(profile, pool("p", ["192.0.2.0/30"]))
        .apply(loadBalancerService("s"))
        .reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    },
  },
];

/** §9.1: MetalLB's own tables about the controller and the allocator, in our words. */
export const oracleRows: readonly ConformanceRow[] = [
  {
    section: "§9.1",
    row: "controller_test.go, mutations",
    verdict: "same",
    why: "",
    check: null,
    shownBy: "packages/k8s-glue/conformance/mutations.test.ts: random orders",
  },
  {
    section: "§9.1",
    row: "controller_test.go, configuration",
    verdict: "same",
    why: "",
    check: () => {
      const one = [pool("a", ["192.0.2.0/32"])];
      const cluster = new TestCluster().configure(...one);
      cluster.apply(loadBalancerService("first")).reconcile().apply(loadBalancerService("second")).reconcile();
      expect(cluster.ips("default/second")).toEqual([]);
      cluster.delete("default/first").reconcile();
      expect(cluster.ips("default/second")).toEqual(["192.0.2.0"]);
      cluster.configure(pool("b", ["198.51.100.0/32"])).reconcile();
      expect(cluster.show("default/second")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      cluster.configure().reconcile();
      expect(cluster.show("default/second")).toEqual({ ips: [], pool: null });
      const dual = new TestCluster().configure(pool("d", ["192.0.2.0/32", "2001:db8::/128"]));
      dual.apply(loadBalancerService("s", { stack: "dual", policy: "RequireDualStack" })).reconcile();
      expect(dual.ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
      dual.configure(pool("e", ["198.51.100.0/32", "2001:db8:1::/128"])).reconcile();
      expect(dual.ips("default/s")).toEqual(["198.51.100.0", "2001:db8:1::"]);
    },
  },
  {
    section: "§9.1",
    row: "allocator_test.go",
    verdict: "better",
    why: "the counts are the same but for pools of more than 2^63 addresses, which are counted exactly",
    check: () => {
      expect(totalOf(["192.0.2.0/24"])).toBe(256n);
      expect(totalOf(["192.0.2.0/24", "198.51.100.0/25"])).toBe(384n);
      expect(totalOf(["192.0.2.0/24", "198.51.100.0/25"], { avoidBuggyIPs: true })).toBe(381n);
      expect(totalOf(["2001:db8::/64"])).toBe(2n ** 64n);
      expect(totalOf(["192.0.2.7/32", "2001:db8::/127"])).toBe(3n);
      const avoiding = pool("p", ["192.0.2.0/31", "192.0.2.254/31"], { avoidBuggyIPs: true });
      const cluster = new TestCluster().configure(avoiding);
      for (const name of ["one", "two", "three"]) cluster.apply(loadBalancerService(name)).reconcile();
      expect(["one", "two", "three"].map((name) => cluster.ips(`default/${name}`))).toEqual([
        ["192.0.2.1"],
        ["192.0.2.254"],
        [],
      ]);
    },
  },
];

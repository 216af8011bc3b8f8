import { allocatedFromPool } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const a = pool("a", ["192.0.2.0/30"]);
const b = pool("b", ["198.51.100.0/30"]);
const asks = (addresses: string): Readonly<Record<string, string>> => annotated("loadBalancerIPs", addresses);
const names = (name: string): Readonly<Record<string, string>> => annotated("address-pool", name);

/** A cluster of pools `a` and `b` in which Service `s` holds 192.0.2.0 of `a`. */
function serving(policy: ConstructorParameters<typeof TestCluster>[0] = {}): TestCluster {
  const cluster = new TestCluster(policy).configure(a, b).apply(loadBalancerService("s")).reconcile();
  expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
  return cluster.forgetHistory();
}

const nothing = { ips: [], pool: null };

/** §4.6: what a change makes of a Service that holds addresses. */
export const lifeCycleRows: readonly ConformanceRow[] = [
  {
    section: "§4.6",
    row: "the type is no longer LoadBalancer",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/32"]));
      cluster.apply(loadBalancerService("s")).reconcile().apply(loadBalancerService("waits")).reconcile();
      cluster.apply(loadBalancerService("s", { spec: { type: "ClusterIP" } })).reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      expect(cluster.services.get("default/s")?.metadata?.annotations).not.toHaveProperty([allocatedFromPool]);
      expect(cluster.ips("default/waits")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.6",
    row: "the Service is deleted",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/32"]));
      cluster
        .apply(loadBalancerService("s"))
        .reconcile()
        .apply(loadBalancerService("waits"))
        .reconcile()
        .delete("default/s")
        .reconcile();
      expect(cluster.ips("default/waits")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.6",
    row: "it has no cluster IP",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { stack: "none" }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      expect(cluster.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
    },
  },
  {
    section: "§4.6",
    row: "there are no pools",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving().configure().reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      cluster.configure(b).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
    },
  },
  {
    section: "§4.6",
    row: "the configuration lacks the address in the status",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { ingress: [{ ip: "203.0.113.9" }] }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    },
  },
  {
    section: "§4.6",
    row: "the configuration lacks the address in the status",
    case: "written over one that was given and is",
    verdict: "better",
    why: "what was given, and serves, is restored, and a Warning says what was written and why that cannot be",
    check: () => {
      const cluster = serving();
      const service = cluster.services.get("default/s");
      if (service === undefined) throw new Error("no Service");
      cluster.replace({
        ...service,
        status: { ...service.status, loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } },
      });
      expect(cluster.reconcile().show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Warning StatusRestored"]);
      expect(cluster.said("default/s")).toContain("203.0.113.9");
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: names("b") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to a pool that is not there",
    verdict: "better",
    why: "the address serves on, and the refusal is said: a slip in an annotation is no reason to take traffic down",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: names("none") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to a pool that is full",
    verdict: "better",
    why: "the address that serves stays until the pool asked for has one, also for a new leader; it goes at once where impossible requests release",
    check: () => {
      const full = pool("full", ["203.0.113.0/32"], { autoAssign: false });
      const cluster = serving().configure(a, b, full);
      cluster.apply(loadBalancerService("other", { annotations: names("full") })).reconcile();
      cluster.apply(loadBalancerService("s", { annotations: names("full") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.elect().reconcile().show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.said("default/s")).toContain('pool "full"');
      cluster.delete("default/other").reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["203.0.113.0"], pool: "full" });
      const released = serving({ impossibleRequests: "Release" }).configure(a, b, full);
      released.apply(loadBalancerService("other", { annotations: names("full") })).reconcile();
      released.apply(loadBalancerService("s", { annotations: names("full") })).reconcile();
      expect(released.show("default/s")).toEqual(nothing);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to one that is not there where impossible requests release",
    verdict: "same",
    why: "",
    check: () => {
      const released = serving({ impossibleRequests: "Release" });
      released.apply(loadBalancerService("s", { annotations: names("none") })).reconcile();
      expect(released.show("default/s")).toEqual(nothing);
    },
  },
  {
    section: "§4.6",
    row: "other addresses are requested",
    verdict: "better",
    why: "a request that cannot be met leaves the address that serves where it is; it is met as soon as it can be",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: asks("198.51.100.3") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      cluster.apply(loadBalancerService("t", { annotations: asks("192.0.2.2") })).reconcile();
      cluster.apply(loadBalancerService("s", { annotations: asks("192.0.2.2") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      cluster.delete("default/t").reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.2"], pool: "a" });
    },
  },
  {
    section: "§4.6",
    row: "other addresses are requested",
    case: "where impossible requests release",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving({ impossibleRequests: "Release" });
      cluster.apply(loadBalancerService("s", { annotations: asks("203.0.113.1") })).reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      cluster.apply(loadBalancerService("s", { annotations: asks("192.0.2.3") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.3"], pool: "a" });
    },
  },
  {
    section: "§4.6",
    row: "the annotation and spec.loadBalancerIP are both set",
    verdict: "better",
    why: "the same Event; what is held serves on, whatever the policy for requests that cannot be met: these cannot be read",
    check: () => {
      const both = loadBalancerService("s", { annotations: asks("192.0.2.1"), spec: { loadBalancerIP: "192.0.2.2" } });
      const cluster = serving().apply(both).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    },
  },
  {
    section: "§4.6",
    row: "the request is removed",
    verdict: "same",
    why: "",
    check: () => {
      for (const annotations of [names("b"), asks("198.51.100.3")]) {
        const cluster = serving().apply(loadBalancerService("s", { annotations })).reconcile();
        const held = cluster.show("default/s");
        expect(held.pool).toBe("b");
        cluster.forgetHistory().apply(loadBalancerService("s")).reconcile();
        expect(cluster.show("default/s")).toEqual(held);
        expect(cluster.writes.size).toBe(0);
      }
    },
  },
  {
    section: "§4.6",
    row: "labels of Service or Namespace no longer fit the pool",
    verdict: "same",
    why: "",
    check: () => {
      const web = { serviceAllocation: { serviceSelectors: [{ matchLabels: { app: "web" } }] } };
      const labelled = new TestCluster().configure(pool("web", ["192.0.2.0/30"], web), b);
      labelled.apply(loadBalancerService("s", { labels: { app: "web" } })).reconcile();
      expect(labelled.show("default/s").pool).toBe("web");
      labelled.apply(loadBalancerService("s", { labels: { app: "db" } })).reconcile();
      expect(labelled.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      const team = { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "a" } }] } };
      const named = new TestCluster()
        .namespace("default", { team: "a" })
        .configure(pool("t", ["192.0.2.0/30"], team), b);
      expect(named.apply(loadBalancerService("s")).reconcile().show("default/s").pool).toBe("t");
      named.namespace("default", { team: "b" }).reconcile();
      expect(named.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
    },
  },
  {
    section: "§4.6",
    row: "autoAssign of its pool becomes false",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .configure(pool("a", ["192.0.2.0/30"], { autoAssign: false }), b)
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.writes.size).toBe(0);
    },
  },
  {
    section: "§4.6",
    row: "its pool is renamed, split or enlarged",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .configure(pool("renamed", ["192.0.2.0/30"]))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "renamed" });
      cluster.configure(pool("x", ["192.0.2.2/31"]), pool("y", ["192.0.2.0/31"])).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "y" });
      cluster.configure(pool("big", ["192.0.2.0/24"])).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "big" });
      expect(cluster.writes.get("default/s")).toBe(3);
      expect(cluster.reasons("default/s")).toEqual([]);
    },
  },
  {
    section: "§4.6",
    row: "its pool shrinks or is deleted",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .configure(pool("a", ["192.0.2.2/31"]), b)
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.2"], pool: "a" });
      cluster.configure(b).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      cluster.configure(pool("manual", ["203.0.113.0/30"], { autoAssign: false })).reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      expect([...cluster.ledger.pending]).toEqual(["default/s"]);
    },
  },
  {
    section: "§4.6",
    row: "avoidBuggyIPs is set while it holds .0 or .255",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .configure(pool("a", ["192.0.2.0/30"], { avoidBuggyIPs: true }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.1"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    },
  },
  {
    section: "§4.6",
    row: "avoidBuggyIPs is set while it holds .0 or .255",
    case: "by a Service that could share it",
    verdict: "same",
    why: "",
    check: () => {
      const shared = loadBalancerService("s", { annotations: annotated("allow-shared-ip", "k") });
      const cluster = serving().apply(shared).reconcile();
      cluster.configure(pool("a", ["192.0.2.0/30"], { avoidBuggyIPs: true })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.1"], pool: "a" });
    },
  },
  {
    section: "§4.6",
    row: "the status has host names",
    verdict: "same",
    why: "",
    check: () => {
      const given = (ingress: readonly { ip?: string; hostname?: string }[]): readonly string[] =>
        new TestCluster().configure(a).apply(loadBalancerService("s", { ingress })).reconcile().ips("default/s");
      expect(given([{ hostname: "lb.example" }])).toEqual(["192.0.2.0"]);
      expect(given([{ hostname: "lb.example" }, { ip: "192.0.2.3" }])).toEqual(["192.0.2.3"]);
      expect(given([{ ip: "192.0.2.3.4" }])).toEqual(["192.0.2.0"]);
    },
  },
];

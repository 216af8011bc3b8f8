import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { a, b, nothing, serving } from "./life-cycle.test.fixture.ts";

/** §4.6: other labels, other pools and another status around a Service that holds addresses. */
export const changedClusterRows: readonly ConformanceRow[] = [
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

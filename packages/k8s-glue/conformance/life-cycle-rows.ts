import { allocatedFromPool } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { a, b, nothing, serving } from "./life-cycle.test.fixture.ts";

/** §4.6: the end of a Service that holds addresses, and a configuration that lacks them. */
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
];

import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const dualPool = pool("dual", ["192.0.2.0/30", "2001:db8::/126"]);
const v4Pool = pool("four", ["198.51.100.0/30"]);

function given(fields: ServiceFields, pools: readonly KubernetesObject[]): TestCluster {
  return new TestCluster()
    .configure(...pools)
    .apply(loadBalancerService("s", fields))
    .reconcile();
}

/** §4.4: the families a Service gets. */
export const familiesRows: readonly ConformanceRow[] = [
  {
    section: "§4.4",
    row: "family of a Service",
    verdict: "same",
    why: "",
    check: () => {
      expect(given({ stack: "v4" }, [dualPool]).ips("default/s")).toEqual(["192.0.2.0"]);
      expect(given({ stack: "v6" }, [dualPool]).ips("default/s")).toEqual(["2001:db8::"]);
      expect(given({ stack: "dual" }, [dualPool]).ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
      const alone = {
        metadata: { name: "s", namespace: "default" },
        spec: { type: "LoadBalancer", clusterIP: "fd00::1" },
      };
      expect(new TestCluster().configure(dualPool).apply(alone).reconcile().ips("default/s")).toEqual(["2001:db8::"]);
      const twice = { clusterIPs: ["10.96.0.1", "10.96.0.2"] };
      expect(given({ stack: "dual", spec: twice }, [dualPool]).ips("default/s")).toEqual([]);
    },
  },
  {
    section: "§4.4",
    row: "SingleStack or no policy, one cluster IP",
    verdict: "same",
    why: "",
    check: () => {
      expect(given({ stack: "v6", policy: "SingleStack" }, [v4Pool, dualPool]).ips("default/s")).toEqual([
        "2001:db8::",
      ]);
      expect(given({ stack: "v6", policy: "SingleStack" }, [v4Pool]).ips("default/s")).toEqual([]);
    },
  },
  {
    section: "§4.4",
    row: "SingleStack, two cluster IPs",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = given({ stack: "dual", policy: "SingleStack" }, [dualPool]);
      expect(cluster.ips("default/s")).toEqual([]);
      expect(cluster.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
    },
  },
  {
    section: "§4.4",
    row: "RequireDualStack, fewer than two cluster IPs",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = given({ stack: "v4" }, [dualPool]);
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
      cluster
        .forgetHistory()
        .apply(loadBalancerService("s", { stack: "v4", policy: "RequireDualStack" }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: [], pool: null });
      expect(cluster.reasons("default/s")).toEqual(["Warning not enough clusterips"]);
    },
  },
  {
    section: "§4.4",
    row: "RequireDualStack, two cluster IPs",
    verdict: "same",
    why: "",
    check: () => {
      const fields: ServiceFields = { stack: "dual", policy: "RequireDualStack" };
      expect(given(fields, [v4Pool, dualPool]).show("default/s")).toEqual({
        ips: ["192.0.2.0", "2001:db8::"],
        pool: "dual",
      });
      const none = given(fields, [v4Pool]);
      expect(none.show("default/s")).toEqual({ ips: [], pool: null });
      expect(none.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
    },
  },
  {
    section: "§4.4",
    row: "PreferDualStack, two cluster IPs",
    verdict: "same",
    why: "",
    check: () => {
      expect(given({ stack: "dual" }, [v4Pool, dualPool]).ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
      expect(given({ stack: "dual-v6-first" }, [v4Pool]).ips("default/s")).toEqual(["198.51.100.0"]);
      const apart = [v4Pool, pool("six", ["2001:db8::/126"])];
      expect(given({ stack: "dual-v6-first" }, apart).ips("default/s")).toEqual(["2001:db8::"]);
    },
  },
  {
    section: "§4.4",
    row: "PreferDualStack, one cluster IP",
    verdict: "same",
    why: "",
    check: () => {
      expect(given({ stack: "v6", policy: "PreferDualStack" }, [dualPool]).ips("default/s")).toEqual(["2001:db8::"]);
    },
  },
  {
    section: "§4.4",
    row: "order in the status",
    verdict: "better",
    why: "explicit addresses are in that order too, and not in that of their text, so that a request and a grant of the same addresses read the same",
    check: () => {
      expect(given({ stack: "dual-v6-first" }, [dualPool]).ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
      const low = pool("low", ["198.51.100.0/30", "1000::/126"]);
      const fields: ServiceFields = {
        stack: "dual-v6-first",
        annotations: annotated("loadBalancerIPs", "1000::1,198.51.100.1"),
      };
      const cluster = given(fields, [low]);
      expect(cluster.ips("default/s")).toEqual(["198.51.100.1", "1000::1"]);
      expect([...cluster.writes.values()]).toEqual([1]);
    },
  },
  {
    section: "§4.4",
    row: "families of requested addresses",
    verdict: "better",
    why: "as there, but a Service that only prefers two families may ask for one address",
    check: () => {
      const asks = (addresses: string): Pick<ServiceFields, "annotations"> => ({
        annotations: annotated("loadBalancerIPs", addresses),
      });
      expect(given({ stack: "v6", ...asks("192.0.2.1") }, [dualPool]).ips("default/s")).toEqual([]);
      expect(given({ stack: "v4", ...asks("192.0.2.1,2001:db8::1") }, [dualPool]).ips("default/s")).toEqual([]);
      const require: ServiceFields = { stack: "dual", policy: "RequireDualStack" };
      expect(given({ ...require, ...asks("192.0.2.1") }, [dualPool]).ips("default/s")).toEqual([]);
      const both = given({ ...require, ...asks("192.0.2.1,2001:db8::1") }, [dualPool]);
      expect(both.ips("default/s")).toEqual(["192.0.2.1", "2001:db8::1"]);
      expect(given({ stack: "dual", ...asks("2001:db8::1") }, [dualPool]).ips("default/s")).toEqual(["2001:db8::1"]);
    },
  },
  {
    section: "§4.4",
    row: "second family later",
    verdict: "better",
    why: "the same pool is asked again when something changed about it, and the refusal is said once",
    check: () => {
      const small = pool("small", ["192.0.2.0/30", "2001:db8::/128"]);
      const cluster = new TestCluster()
        .configure(small)
        .apply(loadBalancerService("six", { stack: "v6" }))
        .reconcile();
      cluster.apply(loadBalancerService("s", { stack: "dual" })).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
      for (let turn = 0; turn < 5; turn += 1) cluster.look("default/s").reconcile();
      expect(cluster.reasons("default/s").filter((reason) => reason === "Normal AdditionalAssignFailed")).toHaveLength(
        1,
      );
      cluster.delete("default/six").reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
      const other = new TestCluster()
        .configure(v4Pool)
        .apply(loadBalancerService("s", { stack: "dual" }))
        .reconcile();
      other.configure(v4Pool, pool("six", ["2001:db8::/126"])).reconcile();
      expect(other.ips("default/s")).toEqual(["198.51.100.0"]);
      other.configure(pool("four", ["198.51.100.0/30", "2001:db8::/126"])).reconcile();
      expect(other.ips("default/s")).toEqual(["198.51.100.0", "2001:db8::"]);
    },
  },
  {
    section: "§4.4",
    row: "the loop of PreferDualStack",
    verdict: "better",
    why: "one cluster IP is one family, in every pass: one write, one Event, then rest",
    check: () => {
      const cluster = given({ stack: "v4", policy: "PreferDualStack" }, [dualPool]);
      for (let turn = 0; turn < 10; turn += 1) cluster.look("default/s").reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
      expect([...cluster.writes]).toEqual([["default/s", 1]]);
      expect(cluster.reasons("default/s")).toEqual(["Normal IPAllocated"]);
    },
  },
  {
    section: "§4.4",
    row: "the test of that",
    verdict: "not applicable",
    why: "a remark about MetalLB's tests; here every check runs until the queue is empty",
    check: null,
  },
  {
    section: "§4.4",
    row: "a family that the pool loses",
    case: "where both are required",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = given({ stack: "dual", policy: "RequireDualStack" }, [dualPool]);
      const other = pool("other", ["198.51.100.0/30", "2001:db8:1::/126"]);
      cluster.configure(pool("dual", ["192.0.2.0/30"]), other).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0", "2001:db8:1::"], pool: "other" });
    },
  },
  {
    section: "§4.4",
    row: "a family that the pool loses",
    case: "where both are preferred",
    verdict: "better",
    why: "the address of the other family serves on where it is, whatever another pool has: nothing that serves is moved for a preference",
    check: () => {
      const cluster = new TestCluster().configure(dualPool).apply(loadBalancerService("first")).reconcile();
      cluster.apply(loadBalancerService("s", { stack: "dual" })).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.1", "2001:db8::"]);
      cluster
        .delete("default/first")
        .reconcile()
        .configure(v4Pool, pool("dual", ["192.0.2.0/30"]))
        .reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
      const other = pool("other", ["198.51.100.0/30", "2001:db8:1::/126"]);
      cluster.configure(other, pool("dual", ["192.0.2.0/30"])).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
      cluster.configure(other, dualPool).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.1", "2001:db8::"]);
    },
  },
  {
    section: "§4.4",
    row: "a pool of both families added later",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = given({ stack: "dual" }, [v4Pool]);
      cluster.forgetHistory().configure(v4Pool, dualPool).reconcile();
      expect(cluster.ips("default/s")).toEqual(["198.51.100.0"]);
      expect(cluster.writes.size).toBe(0);
    },
  },
];

import { expect } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const a = pool("a", ["192.0.2.0/30"]);
const asks = (addresses: string): ServiceFields => ({ annotations: annotated("loadBalancerIPs", addresses) });

/** The Events about a Service of a cluster, in full. */
function told(cluster: TestCluster, key = "default/s"): readonly string[] {
  return cluster.events
    .filter((event) => event.key === key)
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

function refusedOnce(cluster: TestCluster): TestCluster {
  for (let turn = 0; turn < 5; turn += 1) cluster.look("default/s").reconcile();
  expect(cluster.events.filter(({ type, key }) => type === "Warning" && key === "default/s")).toHaveLength(1);
  return cluster;
}

/** §4.10: Events. */
export const eventRows: readonly ConformanceRow[] = [
  {
    section: "§4.10",
    row: "IPAllocated",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { stack: "dual" }))
        .reconcile();
      expect(told(cluster)[0]).toBe('Normal IPAllocated: Assigned IP ["192.0.2.0"]');
      cluster
        .forgetHistory()
        .configure(pool("a", ["192.0.2.0/30", "2001:db8::/126"]))
        .reconcile();
      expect(told(cluster)).toEqual(['Normal IPAllocated: Assigned additional IP "2001:db8::"']);
    },
  },
  {
    section: "§4.10",
    row: "ClearAssignment",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s")).reconcile().forgetHistory();
      cluster.configure(pool("a", ["192.0.2.2/31"])).reconcile();
      expect(told(cluster)[0]).toMatch(
        /^Normal ClearAssignment: current IP for "default\/s" not allowed by config, will attempt for new IP assignment: .*192\.0\.2\.0/u,
      );
    },
  },
  {
    section: "§4.10",
    row: "AdditionalAssignFailed",
    verdict: "better",
    why: "said once for each reason, not at every look",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { stack: "dual" }))
        .reconcile();
      for (let turn = 0; turn < 5; turn += 1) cluster.look("default/s").reconcile();
      const failed = told(cluster).filter((text) => text.includes("AdditionalAssignFailed"));
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatch(
        /^Normal AdditionalAssignFailed: cannot assign additional IP in PreferDualStack: .*pool "a": no IPv6/u,
      );
    },
  },
  {
    section: "§4.10",
    row: "AllocationFailed",
    verdict: "better",
    why: "said once for each reason, not at every look",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", asks("203.0.113.1")))
        .reconcile();
      expect(told(refusedOnce(cluster))[0]).toMatch(
        /^Warning AllocationFailed: Failed to allocate IP for "default\/s": .*203\.0\.113\.1/u,
      );
    },
  },
  {
    section: "§4.10",
    row: "LoadBalancerFailed",
    verdict: "better",
    why: "also where an address that is written well cannot be had, since the one that serves is kept; the message says which that is",
    check: () => {
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s")).reconcile().forgetHistory();
      cluster.apply(loadBalancerService("s", asks("203.0.113.1"))).reconcile();
      expect(told(refusedOnce(cluster))[0]).toMatch(
        /^Warning LoadBalancerFailed: invalid requested loadbalancer IPs: .*203\.0\.113\.1.*keeps/u,
      );
      cluster
        .forgetHistory()
        .apply(loadBalancerService("s", asks("nonsense")))
        .reconcile();
      expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
      const without = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", asks("nonsense")))
        .reconcile();
      expect(without.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
    },
  },
  {
    section: "§4.10",
    row: "not enough clusterips",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { policy: "RequireDualStack" }))
        .reconcile();
      expect(refusedOnce(cluster).reasons("default/s")).toEqual(["Warning not enough clusterips"]);
    },
  },
  {
    section: "§4.10",
    row: "nolbIPsIPFamily, noclusterIPsIPFamily",
    verdict: "better",
    why: "the addresses that cannot be read are named; those of the status count as none, and the Service gets others",
    check: () => {
      const clusterIPs = ["10.96.0.300"];
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { spec: { clusterIPs } }))
        .reconcile();
      expect(told(cluster)[0]).toMatch(/^Warning noclusterIPsIPFamily: .*10\.96\.0\.300/u);
      const status = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { ingress: [{ ip: "192.0.2.300" }] }))
        .reconcile();
      expect(status.ips("default/s")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.10",
    row: "InternalError",
    verdict: "not applicable",
    why: "the cases it stands for cannot be written down here: an assignment has its pool by its type",
    check: null,
  },
  {
    section: "§4.10",
    row: "deprecatedAnnotation",
    verdict: "same",
    why: "",
    check: () => {
      const annotations = { "metallb.universe.tf/address-pool": "a", "metallb.universe.tf/allow-shared-ip": "k" };
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s", { annotations })).reconcile();
      for (let turn = 0; turn < 3; turn += 1) cluster.look("default/s").reconcile();
      const texts = told(cluster).filter((text) => text.startsWith("Warning deprecatedAnnotation: "));
      for (const key of Object.keys(annotations)) expect(texts.filter((text) => text.includes(key))).toHaveLength(1);
    },
  },
  {
    section: "§4.10",
    row: "nodeAssigned",
    verdict: "not applicable",
    why: "of the speaker, not of allocation",
    check: null,
  },
  {
    section: "§4.10",
    row: "announceFailed",
    verdict: "not applicable",
    why: "of the speaker, not of allocation",
    check: null,
  },
];

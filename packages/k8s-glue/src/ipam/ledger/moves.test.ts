import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import { defaultAllocationPolicy } from "../demand/policy.ts";
import { annotated, loadBalancerService, pool } from "../service-objects.test.fixture.ts";
import { allocationEvents } from "../status/allocation-events.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";
import { Ledger } from "./ledger.ts";

const gold = pool("gold", ["192.0.2.0/29", "2001:db8::/125"]);
const silver = pool("silver", ["198.51.100.0/29"]);

describe("a Service that moves", () => {
  it("because it asks for another address is given it, and nobody speaks of an edit", () => {
    const cluster = new TestCluster().configure(gold).apply(loadBalancerService("s")).reconcile().forgetHistory();
    cluster.apply(loadBalancerService("s", { annotations: annotated("loadBalancerIPs", "192.0.2.5") })).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.5"]);
    expect(cluster.reasons("default/s")).toEqual(["Normal IPAllocated"]);
    expect(cluster.writes.get("default/s")).toBe(1);
  });

  it("because its pool went is told which address it had and which it has", () => {
    const cluster = new TestCluster()
      .configure(gold, silver)
      .apply(loadBalancerService("s"))
      .reconcile()
      .forgetHistory();
    cluster.configure(silver).reconcile();
    expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "silver" });
    expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    expect(cluster.events[0]?.message).toContain('had ["192.0.2.0"], has ["198.51.100.0"] now');
  });

  it("is told so as often as it takes until it is written, and then no more", () => {
    const facts = (...objects: Parameters<typeof readConfiguration>[0][]): ClusterFacts => ({
      configuration: readConfiguration(objects.flatMap((each) => [...each])),
      namespaces: new Map(),
      quotas: new Map(),
    });
    const ledger = new Ledger(defaultAllocationPolicy, facts([gold, silver]));
    const now = instant(0);
    const named = (...ips: readonly string[]) => loadBalancerService("s", { ingress: ips.map((ip) => ({ ip })) });
    const reasons = (...ips: readonly string[]): readonly string[] => {
      const service = named(...ips);
      return allocationEvents("default/s", service, ledger.reconcile("default/s", service, now)).map(
        ({ reason }) => reason,
      );
    };
    ledger.adopt([named("192.0.2.3")]);
    expect(reasons("192.0.2.3")).toEqual([]);
    expect(ledger.configure(facts([silver]))).toEqual(["default/s"]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(reasons("192.0.2.3")).toEqual(["ClearAssignment", "IPAllocated"]);
    }
    expect(reasons("198.51.100.0")).toEqual([]);
    expect(reasons("192.0.2.3")).toEqual(["StatusRestored"]);
  });

  it("not, because what it prefers and asks for by name is not to be had, has not what it insists on", () => {
    const prefers = { stack: "dual", policy: "PreferDualStack" } as const;
    const cluster = new TestCluster()
      .configure(gold)
      .apply(loadBalancerService("s", prefers))
      .reconcile()
      .forgetHistory();
    const asks = annotated("loadBalancerIPs", "192.0.2.0,2001:db8:1::1");
    cluster.apply(loadBalancerService("s", { ...prefers, annotations: asks })).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
    expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([
      { status: "False", reason: "AddressOutsidePools" },
    ]);
  });
});

describe("a Service that asks for a pool which is full", () => {
  it("keeps what it has, is reported as pending, and moves when there is room", () => {
    const one = pool("one", ["198.51.100.0/32"], { autoAssign: false });
    const asks = annotated("address-pool", "one");
    const cluster = new TestCluster()
      .configure(gold, one)
      .apply(loadBalancerService("other", { annotations: asks }))
      .reconcile();
    const prefers = { stack: "dual", policy: "PreferDualStack" } as const;
    cluster.apply(loadBalancerService("s", prefers)).reconcile().forgetHistory();
    cluster.apply(loadBalancerService("s", { ...prefers, annotations: asks })).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
    expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([
      { status: "False", reason: "PoolsExhausted" },
    ]);
    cluster.delete("default/other").reconcile();
    expect(cluster.ips("default/s")).toEqual(["198.51.100.0"]);
  });

  it("loses what it has where its own pool is closed to it as well", () => {
    const one = pool("one", ["198.51.100.0/32"], { autoAssign: false });
    const asks = annotated("address-pool", "one");
    const cluster = new TestCluster()
      .configure(gold, one)
      .apply(loadBalancerService("other", { annotations: asks }))
      .reconcile()
      .apply(loadBalancerService("s"))
      .reconcile();
    cluster.apply(loadBalancerService("s", { annotations: asks })).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    cluster.configure(pool("gold", ["192.0.2.0/29"], { serviceAllocation: { namespaces: ["x"] } }), one).reconcile();
    expect(cluster.ips("default/s")).toEqual([]);
  });
});

describe("a Service of a pool that it may not ask for any more", () => {
  const open = pool("tenants", ["203.0.113.0/31"], { autoAssign: false });
  const closed = pool("tenants", ["203.0.113.0/31"], { autoAssign: false, tenancy: { namespaces: ["x"] } });
  const asks = loadBalancerService("s", { annotations: annotated("address-pool", "tenants") });

  it("keeps what it has of it, and that is what it asks for", () => {
    for (const impossibleRequests of ["Keep", "Release"] as const) {
      const cluster = new TestCluster({ impossibleRequests })
        .configure(gold, open)
        .apply(asks)
        .reconcile()
        .forgetHistory();
      cluster.configure(gold, closed).look("default/s").reconcile().elect().reconcile();
      expect(cluster.ips("default/s")).toEqual(["203.0.113.0"]);
      expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([{ status: "True" }]);
      expect([cluster.writes.size, cluster.events]).toEqual([0, []]);
    }
  });

  it("is assigned nothing more of it", () => {
    const cluster = new TestCluster().configure(gold, closed).apply(asks).reconcile();
    expect(cluster.ips("default/s")).toEqual([]);
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([{ reason: "PoolNotRequestable" }]);
    cluster.configure(gold, open).reconcile();
    expect(cluster.ips("default/s")).toEqual(["203.0.113.0"]);
  });
});

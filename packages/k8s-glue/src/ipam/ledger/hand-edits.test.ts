import type { LoadBalancerIngress } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

const gold = pool("gold", ["192.0.2.0/29"]);

/** A cluster in which `s` holds 192.0.2.0 and `other` 192.0.2.1, and everything is said. */
function reconciled(fields: ServiceFields = {}): TestCluster {
  return new TestCluster()
    .configure(gold)
    .apply(loadBalancerService("s", fields))
    .reconcile()
    .apply(loadBalancerService("other"))
    .reconcile()
    .forgetHistory();
}

/** Somebody writes over what the status of `s` names. */
function edit(cluster: TestCluster, ingress: readonly LoadBalancerIngress[]): TestCluster {
  const live = cluster.services.get("default/s");
  return cluster.replace({ ...live, status: { ...live?.status, loadBalancer: { ingress } } }).reconcile();
}

describe("a status that was written by another hand", () => {
  it.each<{ name: string; ingress: readonly LoadBalancerIngress[]; says: string }>([
    {
      name: "an address of no pool",
      ingress: [{ ip: "203.0.113.9" }],
      says: 'status was edited to ["203.0.113.9"] and restored to ["192.0.2.0"]: address 203.0.113.9 is in no pool',
    },
    {
      name: "another's address",
      ingress: [{ ip: "192.0.2.1" }],
      says: 'status was edited to ["192.0.2.1"] and restored to ["192.0.2.0"]: address 192.0.2.1 is held by "default/other": this service has no annotation metallb.io/allow-shared-ip',
    },
    { name: "nothing", ingress: [], says: 'status was emptied and restored to ["192.0.2.0"]' },
    {
      name: "a hostname",
      ingress: [{ hostname: "lb.example.com" }],
      says: 'status was emptied and restored to ["192.0.2.0"]',
    },
  ])("is restored, with the reason: $name", ({ ingress, says }) => {
    const cluster = edit(reconciled(), ingress);
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    expect(cluster.reasons("default/s")).toEqual(["Warning StatusRestored"]);
    expect(cluster.said("default/s")).toBe(says);
    expect(cluster.ips("default/other")).toEqual(["192.0.2.1"]);
  });

  it("counts as asked for where it names what is free", () => {
    const cluster = edit(reconciled(), [{ ip: "192.0.2.5" }]);
    expect(cluster.ips("default/s")).toEqual(["192.0.2.5"]);
    expect(cluster.reasons("default/s")).toEqual([]);
    cluster.apply(loadBalancerService("next")).reconcile();
    expect(cluster.ips("default/next")).toEqual(["192.0.2.0"]);
    expect(cluster.elect().reconcile().ips("default/s")).toEqual(["192.0.2.5"]);
  });

  it("moves a Service into another pool, whose name is written then", () => {
    const cluster = new TestCluster()
      .configure(gold, pool("silver", ["198.51.100.0/29"], { autoAssign: false }))
      .apply(loadBalancerService("s"))
      .reconcile();
    edit(cluster, [{ ip: "198.51.100.3" }]);
    expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.3"], pool: "silver" });
  });

  it("takes no address beside its own, nor one of two families away", () => {
    expect(edit(reconciled(), [{ ip: "192.0.2.0" }, { ip: "192.0.2.5" }]).ips("default/s")).toEqual(["192.0.2.0"]);
    const cluster = new TestCluster()
      .configure(pool("dual", ["192.0.2.0/29", "2001:db8::/125"]))
      .apply(loadBalancerService("s", { stack: "dual" }))
      .reconcile();
    expect(edit(cluster, [{ ip: "192.0.2.5" }]).ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
  });

  it("is no way around tenancy", () => {
    const closed = pool("closed", ["198.51.100.0/29"], { autoAssign: false, tenancy: { namespaces: ["x"] } });
    const cluster = new TestCluster()
      .configure(gold, closed)
      .apply(loadBalancerService("s"))
      .reconcile()
      .forgetHistory();
    edit(cluster, [{ ip: "198.51.100.3" }]);
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    expect(cluster.reasons("default/s")).toEqual(["Warning StatusRestored"]);
  });

  it("is as good as any where it is what the Service asks for", () => {
    const cluster = reconciled();
    const live = cluster.services.get("default/s");
    cluster.replace({
      ...live,
      metadata: {
        ...live?.metadata,
        annotations: { ...live?.metadata?.annotations, ...annotated("loadBalancerIPs", "192.0.2.5") },
      },
      status: { ...live?.status, loadBalancer: { ingress: [{ ip: "192.0.2.5" }] } },
    });
    cluster.reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.5"]);
    expect(cluster.reasons("default/s")).toEqual([]);
  });

  it("is put in order where only the order differs, without a word", () => {
    const cluster = new TestCluster()
      .configure(pool("dual", ["192.0.2.0/29", "2001:db8::/125"]))
      .apply(loadBalancerService("s", { stack: "dual" }))
      .reconcile()
      .forgetHistory();
    edit(cluster, [{ ip: "2001:db8::" }, { ip: "192.0.2.0" }]);
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "2001:db8::"]);
    expect(cluster.reasons("default/s")).toEqual([]);
  });

  it("of a Service that is seen for the first time is adopted where it is legal", () => {
    const cluster = new TestCluster()
      .configure(gold)
      .apply(loadBalancerService("s", { ingress: [{ ip: "192.0.2.6" }] }))
      .reconcile();
    expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.6"], pool: "gold" });
    expect(cluster.reasons("default/s")).toEqual([]);
  });

  it("of a Service that is seen for the first time and cannot stay is replaced, naming the old and the new", () => {
    const cluster = new TestCluster()
      .configure(gold)
      .apply(loadBalancerService("s", { ingress: [{ ip: "203.0.113.9" }] }))
      .reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    expect(cluster.events[0]?.message).toBe(
      'current IP for "default/s" not allowed by config, will attempt for new IP assignment: address 203.0.113.9 is in no pool; had ["203.0.113.9"], has ["192.0.2.0"] now',
    );
  });

  it("counts at a new term: what is recorded then is adopted", () => {
    const cluster = reconciled();
    const live = cluster.services.get("default/s");
    cluster.replace({ ...live, status: { ...live?.status, loadBalancer: { ingress: [{ ip: "192.0.2.5" }] } } });
    cluster.elect().reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.5"]);
    expect(cluster.reasons("default/s")).toEqual([]);
  });

  it("after the records of a term were taken over is held against those", () => {
    const cluster = reconciled().elect();
    edit(cluster, [{ ip: "192.0.2.1" }]);
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    expect(cluster.reasons("default/s")).toEqual(["Warning StatusRestored"]);
  });

  it("loses its condition and gets it back, without another write of the addresses", () => {
    const cluster = reconciled();
    const live = cluster.services.get("default/s");
    cluster.replace({ ...live, status: { ...live?.status, conditions: [] } });
    cluster.reconcile();
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([{ status: "True" }]);
    expect([cluster.writes.get("default/s"), cluster.reasons("default/s")]).toEqual([1, []]);
  });
});

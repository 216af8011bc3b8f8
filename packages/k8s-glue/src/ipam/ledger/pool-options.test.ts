import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

const shares = (...ports: readonly number[]): ServiceFields => ({
  annotations: annotated("allow-shared-ip", "k"),
  ports,
});
const each = (count: number, more: Readonly<Record<string, string>> = {}): ServiceFields => ({
  annotations: { "herald-lb.io/addresses-per-family": String(count), ...more },
});

function reasonOf(cluster: TestCluster, key: string): string | undefined {
  return cluster.services.get(key)?.status?.conditions?.[0]?.reason;
}

describe("quotas", () => {
  it("count an address once, however many Services of the namespace share it", () => {
    const cluster = new TestCluster()
      .namespace("shop", {}, 1)
      .configure(pool("p", ["192.0.2.0/29"], { maxAddressesPerNamespace: 1 }))
      .apply(loadBalancerService("shop/one", shares(80)))
      .reconcile()
      .apply(loadBalancerService("shop/two", shares(443)))
      .reconcile();
    expect([cluster.ips("shop/one"), cluster.ips("shop/two")]).toEqual([["192.0.2.0"], ["192.0.2.0"]]);
    cluster.apply(loadBalancerService("shop/three")).reconcile();
    expect(reasonOf(cluster, "shop/three")).toBe("QuotaReached");
    cluster.delete("shop/one").reconcile();
    expect(cluster.ips("shop/three")).toEqual([]);
    cluster.delete("shop/two").reconcile();
    expect(cluster.ips("shop/three")).toEqual(["192.0.2.0"]);
  });

  it("that are lowered take nothing away, and one that is raised serves who waits", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/29"]))
      .apply(loadBalancerService("shop/one"), loadBalancerService("shop/two"))
      .reconcile()
      .namespace("shop", {}, 1)
      .apply(loadBalancerService("shop/three"))
      .reconcile()
      .elect()
      .reconcile();
    expect(["shop/one", "shop/two", "shop/three"].map((key) => cluster.ips(key).length)).toEqual([1, 1, 0]);
    cluster.namespace("shop", {}, 3).reconcile();
    expect(cluster.ips("shop/three")).toHaveLength(1);
  });
});

describe("several addresses of a family", () => {
  it("are given all or none, and all of one pool", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/32"]), pool("b", ["198.51.100.0/31"]))
      .apply(loadBalancerService("s", each(2)), loadBalancerService("more", each(2)))
      .reconcile();
    expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0", "198.51.100.1"], pool: "b" });
    expect([cluster.ips("default/more"), reasonOf(cluster, "default/more")]).toEqual([[], "PoolsExhausted"]);
  });

  it("are added to and taken from who holds some", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/29"]))
      .apply(loadBalancerService("s"))
      .reconcile();
    cluster.apply(loadBalancerService("s", each(3))).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.2"]);
    expect(cluster.said("default/s")).toBe('Assigned additional IP "192.0.2.1" "192.0.2.2"');
    cluster.forgetHistory().elect().reconcile();
    expect(cluster.writes.size).toBe(0);
    cluster.apply(loadBalancerService("s", each(2))).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1"]);
  });

  it("are of both families where the Service is", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/29", "2001:db8::/125"]))
      .apply(loadBalancerService("s", { stack: "dual", policy: "RequireDualStack", ...each(2) }))
      .reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1", "2001:db8::", "2001:db8::1"]);
  });
});

describe("what keeps an address from others", () => {
  it("does not move who holds it: a reservation for another", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/31"]))
      .apply(loadBalancerService("s"))
      .reconcile()
      .forgetHistory();
    const reservations = [{ namespace: "default", name: "later", addresses: ["192.0.2.0"] }];
    cluster
      .configure(pool("p", ["192.0.2.0/31"], { reservations }))
      .look("default/s")
      .reconcile()
      .elect()
      .reconcile();
    expect([cluster.ips("default/s"), cluster.writes.size]).toEqual([["192.0.2.0"], 0]);
    cluster.apply(loadBalancerService("later")).reconcile();
    expect(cluster.ips("default/later")).toEqual(["192.0.2.1"]);
  });

  it("moves who holds it: an exclusion, with both addresses in the Event", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/31"]))
      .apply(loadBalancerService("s"))
      .reconcile()
      .forgetHistory();
    cluster.configure(pool("p", ["192.0.2.0/31"], { excludeAddresses: ["192.0.2.0"] })).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
    expect(cluster.events[0]?.message).toContain(
      'address 192.0.2.0 is excluded from pool "p": excludeAddresses has it, or a node or gateway does; had ["192.0.2.0"], has ["192.0.2.1"] now',
    );
  });
});

import { describe, expect, it } from "vitest";
import { TestCluster } from "../test-cluster.test.fixture.ts";
import { annotated, pool, type Wish, wished } from "../wished.test.fixture.ts";

const shares = (...ports: readonly number[]): Wish => ({ annotations: annotated("allow-shared-ip", "k"), ports });
const each = (count: number, more: Readonly<Record<string, string>> = {}): Wish => ({
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
      .apply(wished("shop/one", shares(80)))
      .settle()
      .apply(wished("shop/two", shares(443)))
      .settle();
    expect([cluster.ips("shop/one"), cluster.ips("shop/two")]).toEqual([["192.0.2.0"], ["192.0.2.0"]]);
    cluster.apply(wished("shop/three")).settle();
    expect(reasonOf(cluster, "shop/three")).toBe("QuotaReached");
    cluster.delete("shop/one").settle();
    expect(cluster.ips("shop/three")).toEqual([]);
    cluster.delete("shop/two").settle();
    expect(cluster.ips("shop/three")).toEqual(["192.0.2.0"]);
  });

  it("that are lowered take nothing away, and one that is raised serves who waits", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/29"]))
      .apply(wished("shop/one"), wished("shop/two"))
      .settle()
      .namespace("shop", {}, 1)
      .apply(wished("shop/three"))
      .settle()
      .elect()
      .settle();
    expect(["shop/one", "shop/two", "shop/three"].map((key) => cluster.ips(key).length)).toEqual([1, 1, 0]);
    cluster.namespace("shop", {}, 3).settle();
    expect(cluster.ips("shop/three")).toHaveLength(1);
  });
});

describe("several addresses of a family", () => {
  it("are given all or none, and all of one pool", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/32"]), pool("b", ["198.51.100.0/31"]))
      .apply(wished("s", each(2)), wished("more", each(2)))
      .settle();
    expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0", "198.51.100.1"], pool: "b" });
    expect([cluster.ips("default/more"), reasonOf(cluster, "default/more")]).toEqual([[], "PoolsExhausted"]);
  });

  it("are added to and taken from who holds some", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/29"]))
      .apply(wished("s"))
      .settle();
    cluster.apply(wished("s", each(3))).settle();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1", "192.0.2.2"]);
    expect(cluster.said("default/s")).toBe('Assigned additional IP "192.0.2.1" "192.0.2.2"');
    cluster.forgetHistory().elect().settle();
    expect(cluster.writes.size).toBe(0);
    cluster.apply(wished("s", each(2))).settle();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1"]);
  });

  it("are of both families where the Service is", () => {
    const cluster = new TestCluster()
      .configure(pool("a", ["192.0.2.0/29", "2001:db8::/125"]))
      .apply(wished("s", { stack: "dual", policy: "RequireDualStack", ...each(2) }))
      .settle();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.0", "192.0.2.1", "2001:db8::", "2001:db8::1"]);
  });
});

describe("what keeps an address from others", () => {
  it("does not move who holds it: a reservation for another", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/31"]))
      .apply(wished("s"))
      .settle()
      .forgetHistory();
    const reservations = [{ namespace: "default", name: "later", addresses: ["192.0.2.0"] }];
    cluster
      .configure(pool("p", ["192.0.2.0/31"], { reservations }))
      .look("default/s")
      .settle()
      .elect()
      .settle();
    expect([cluster.ips("default/s"), cluster.writes.size]).toEqual([["192.0.2.0"], 0]);
    cluster.apply(wished("later")).settle();
    expect(cluster.ips("default/later")).toEqual(["192.0.2.1"]);
  });

  it("moves who holds it: an exclusion, with both addresses in the Event", () => {
    const cluster = new TestCluster()
      .configure(pool("p", ["192.0.2.0/31"]))
      .apply(wished("s"))
      .settle()
      .forgetHistory();
    cluster.configure(pool("p", ["192.0.2.0/31"], { excludeAddresses: ["192.0.2.0"] })).settle();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
    expect(cluster.events[0]?.message).toContain(
      'address 192.0.2.0 is one that pool "p" excludes; had ["192.0.2.0"], has ["192.0.2.1"] now',
    );
  });
});

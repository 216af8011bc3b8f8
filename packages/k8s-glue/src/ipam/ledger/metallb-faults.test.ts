/** Bugs that MetalLB 0.16 was seen to have, and Herald's behaviour in their place; numbered as in the specification's list of bugs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

const dual = pool("dual", ["192.0.2.0/28", "2001:db8::/124"]);

describe("MetalLB's faults, §10.5", () => {
  it("1: PreferDualStack with one cluster IP and a pool of both families settles at once and stays", () => {
    for (const stack of ["v4", "v6"] as const) {
      const cluster = new TestCluster()
        .configure(dual)
        .apply(loadBalancerService("s", { stack, policy: "PreferDualStack" }))
        .reconcile();
      const expected = stack === "v4" ? ["192.0.2.0"] : ["2001:db8::"];
      expect(cluster.ips("default/s")).toEqual(expected);
      expect(cluster.writes.get("default/s")).toBe(1);
      expect(cluster.reasons("default/s")).toEqual(["Normal IPAllocated"]);
      cluster.forgetHistory();
      for (let look = 0; look < 5; look += 1) cluster.look("default/s").reconcile();
      cluster.elect().reconcile();
      expect(cluster.ips("default/s")).toEqual(expected);
      expect([cluster.writes.size, cluster.events]).toEqual([0, []]);
    }
  });

  it("8: a pool whose namespace selectors match nothing is closed to explicit requests too", () => {
    const closed = pool("closed", ["198.51.100.0/28"], {
      serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "none" } }] },
    });
    const requests: readonly { readonly name: string; readonly fields: ServiceFields; readonly reason: string }[] = [
      { name: "nothing", fields: {}, reason: "NoEligiblePool" },
      { name: "the pool", fields: { annotations: annotated("address-pool", "closed") }, reason: "PoolNotPermitted" },
      {
        name: "an address by annotation",
        fields: { annotations: annotated("loadBalancerIPs", "198.51.100.3") },
        reason: "AddressNotPermitted",
      },
      {
        name: "an address by its field",
        fields: { spec: { loadBalancerIP: "198.51.100.3" } },
        reason: "AddressNotPermitted",
      },
      { name: "what its status records", fields: { ingress: [{ ip: "198.51.100.3" }] }, reason: "NoEligiblePool" },
    ];
    for (const { name, fields, reason } of requests) {
      const cluster = new TestCluster()
        .namespace("default", { team: "a" })
        .configure(closed)
        .apply(loadBalancerService("s", fields))
        .reconcile();
      expect(cluster.ips("default/s"), name).toEqual([]);
      expect(cluster.services.get("default/s")?.status?.conditions, name).toMatchObject([{ status: "False", reason }]);
      // The pool admits the namespace once its labels match.
      cluster.namespace("default", { team: "none" }).reconcile();
      expect(cluster.ips("default/s"), name).toHaveLength(1);
    }
  });

  it("12: an IPv6 address shared by a dual and a single Service is one address in whichever order they come", () => {
    const key = annotated("allow-shared-ip", "k");
    const both = loadBalancerService("both", {
      stack: "dual",
      policy: "RequireDualStack",
      annotations: key,
      ports: [80],
    });
    const six = loadBalancerService("six", { stack: "v6", annotations: key, ports: [443] });
    for (const order of [
      [both, six],
      [six, both],
    ]) {
      const cluster = new TestCluster().configure(dual);
      for (const service of order) cluster.apply(service).reconcile();
      expect(cluster.ips("default/both")).toEqual(["192.0.2.0", "2001:db8::"]);
      expect(cluster.ips("default/six")).toEqual(["2001:db8::"]);
      cluster.forgetHistory().elect().reconcile();
      expect([cluster.writes.size, cluster.events]).toEqual([0, []]);
      // Each can go and leave the other what it has.
      cluster.delete(order[0] === both ? "default/both" : "default/six").reconcile();
      expect(cluster.ips(order[0] === both ? "default/six" : "default/both")).toContain("2001:db8::");
    }
  });

  it("the order of pools of one rank is by name, and never another", () => {
    const pools = ["d", "b", "a", "c"].map((name, at) =>
      pool(name, [`192.0.2.${at * 16}/28`], { serviceAllocation: { namespaces: ["default"], priority: 7 } }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(pools, { minLength: 4 }), (shuffled) => {
        const cluster = new TestCluster()
          .configure(...shuffled)
          .apply(loadBalancerService("s"))
          .reconcile();
        expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.32"], pool: "a" });
      }),
      { numRuns: 24 },
    );
  });

  it('"no available IPs" says for every pool that was tried why it gave nothing', () => {
    const cluster = new TestCluster()
      .configure(pool("full", ["192.0.2.1/32"]), pool("six", ["2001:db8::/124"]), pool("also-full", ["192.0.2.2/32"]))
      .apply(loadBalancerService("a"), loadBalancerService("b"), loadBalancerService("c"))
      .reconcile();
    const waits = ["default/a", "default/b", "default/c"].find((key) => cluster.ips(key).length === 0) as string;
    const words = 'no available IPs: pools "also-full", "full": no IPv4 address is free; pool "six": no IPv4 addresses';
    expect(cluster.said(waits)).toBe(`Failed to allocate IP for "${waits}": ${words}`);
    expect(cluster.services.get(waits)?.status?.conditions).toMatchObject([
      { status: "False", reason: "PoolsExhausted", message: words },
    ]);
  });

  it("nor does a Service hear that no pool is for it without hearing why of each", () => {
    const selects = { serviceSelectors: [{ matchLabels: { app: "db" } }] };
    const cluster = new TestCluster().apply(loadBalancerService("s")).reconcile();
    expect(cluster.said("default/s")).toContain(
      "no pool is eligible for this service: there is no valid IPAddressPool",
    );
    cluster
      .configure(
        pool("a", ["192.0.2.0/31"], { autoAssign: false }),
        pool("b", ["192.0.2.2/31"], { serviceAllocation: { namespaces: ["other"] } }),
        pool("c", ["192.0.2.4/31"], { serviceAllocation: selects }),
        pool("d", ["192.0.2.6/31"], { autoAssign: false }),
      )
      .reconcile();
    const words =
      'no pool is eligible for this service: pools "a", "d": autoAssign is off; pool "b": serviceAllocation selects other namespaces; pool "c": serviceAllocation selects services with other labels';
    expect(cluster.said("default/s")).toBe(`Failed to allocate IP for "default/s": ${words}`);
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([
      { reason: "NoEligiblePool", message: words },
    ]);
  });
});

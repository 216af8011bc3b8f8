import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

const FIRST = "192.0.2.0";
const conflictIn = (cluster: TestCluster, key = "default/s") =>
  cluster.services.get(key)?.status?.conditions?.find(({ type }) => type.endsWith("AddressConflict"));
const segment = (spec: object = {}) => pool("p", ["192.0.2.0/30"], spec);
const replacing = segment({ onAddressConflict: "Replace" });
const bgpAdvertisement = {
  apiVersion: "metallb.io/v1beta1",
  kind: "BGPAdvertisement",
  metadata: { name: "all", namespace: "metallb-system" },
  spec: {},
};

describe("an address that another station has", () => {
  it("is named in a condition of its Service, which goes away with the conflict, with a write each", () => {
    const cluster = new TestCluster().configure(segment()).apply(loadBalancerService("s")).reconcile().forgetHistory();
    cluster.conflict({ [FIRST]: {} }).reconcile();
    expect(conflictIn(cluster)).toMatchObject({ status: "True", reason: "AddressInUse" });
    expect(conflictIn(cluster)?.message).toContain(
      `address ${FIRST} is in use by another station, 02:00:5e:00:53:66, on interface "eth0" of node "node-a", which does not announce it there until`,
    );
    expect(cluster.ips("default/s")).toEqual([FIRST]);
    cluster
      .conflict({ [FIRST]: {} })
      .look("default/s")
      .reconcile();
    expect(cluster.writes.get("default/s")).toBe(1);
    cluster.conflict({ [FIRST]: { announcedElsewhere: true } }).reconcile();
    expect(conflictIn(cluster)?.message).toContain("announces it on other interfaces alone");
    cluster.conflict({}).reconcile();
    expect([conflictIn(cluster), cluster.writes.get("default/s")]).toEqual([undefined, 3]);
    expect(cluster.services.get("default/s")?.status?.conditions).toHaveLength(1);
    expect(cluster.reasons("default/s")).toEqual([]);
  });

  it("is left alone where it is no Service's, and by a conflict about another", () => {
    const cluster = new TestCluster().configure(segment()).apply(loadBalancerService("s")).reconcile().forgetHistory();
    cluster.conflict({ "192.0.2.3": {}, "198.51.100.1": {} }).reconcile();
    expect(cluster.writes.size).toBe(0);
  });

  it("is replaced where the pool says so, with an Event, and set aside until the station is gone", () => {
    const cluster = new TestCluster().configure(replacing).apply(loadBalancerService("s")).reconcile().forgetHistory();
    cluster.conflict({ [FIRST]: {} }).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
    expect([conflictIn(cluster), cluster.writes.get("default/s")]).toEqual([undefined, 1]);
    expect(cluster.reasons("default/s")).toEqual(["Warning AddressReplaced", "Normal IPAllocated"]);
    expect(cluster.events[0]?.message).toBe(
      `address ${FIRST} of pool "p" is in use by another station on the segment; the service had ["${FIRST}"], has ["192.0.2.1"] now: change what names the old address`,
    );
    cluster.apply(...["b", "c", "d"].map((name) => loadBalancerService(name))).reconcile();
    expect(cluster.ips("default/d")).toEqual([]);
    expect(cluster.said("default/d")).toContain("every free IPv4 address is in use by another station");
    cluster.elect().reconcile();
    expect(cluster.ips("default/d")).toEqual([]);
    cluster.conflict({}).reconcile();
    expect([cluster.ips("default/d"), cluster.ips("default/s")]).toEqual([[FIRST], ["192.0.2.1"]]);
  });

  it("stays with a Service that requests it, and with one for which nothing else is free", () => {
    const cluster = new TestCluster()
      .configure(replacing)
      .apply(loadBalancerService("s", { annotations: annotated("loadBalancerIPs", FIRST) }))
      .reconcile()
      .apply(...["b", "c", "d"].map((name) => loadBalancerService(name)))
      .reconcile()
      .forgetHistory();
    cluster.conflict({ [FIRST]: {}, "192.0.2.1": {} }).reconcile();
    expect([cluster.ips("default/s"), cluster.ips("default/b")]).toEqual([[FIRST], ["192.0.2.1"]]);
    expect(["default/s", "default/b"].map((key) => conflictIn(cluster, key)?.status)).toEqual(["True", "True"]);
    const assigned = cluster.services.get("default/b")?.status?.conditions?.[0];
    expect(assigned).toMatchObject({ status: "False", reason: "AddressOccupied" });
    cluster.delete("default/d").reconcile();
    expect(cluster.ips("default/b")).toEqual(["192.0.2.3"]);
  });

  it("stays where a node announces it beside the station, and where BGP announces it", () => {
    const cluster = new TestCluster().configure(replacing).apply(loadBalancerService("s")).reconcile();
    cluster.conflict({ [FIRST]: { announcedElsewhere: true } }).reconcile();
    expect(cluster.ips("default/s")).toEqual([FIRST]);
    cluster
      .configure(replacing, bgpAdvertisement)
      .conflict({ [FIRST]: {} })
      .reconcile();
    expect(cluster.ips("default/s")).toEqual([FIRST]);
    cluster.configure(replacing).reconcile();
    expect(cluster.ips("default/s")).toEqual(["192.0.2.1"]);
  });

  it("is no longer named once the Service is of another type", () => {
    const cluster = new TestCluster().configure(segment()).apply(loadBalancerService("s")).reconcile();
    cluster.conflict({ [FIRST]: {} }).reconcile();
    cluster.apply(loadBalancerService("s", { spec: { type: "ClusterIP" } })).reconcile();
    expect(cluster.services.get("default/s")?.status?.conditions).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

const gold = pool("gold", ["192.0.2.0/29", "2001:db8::/125"]);
const silver = pool("silver", ["198.51.100.0/29"]);

const contradictions: readonly {
  readonly name: string;
  readonly fields: ServiceFields;
  readonly reason: string;
  readonly says: string;
}[] = [
  {
    name: "addresses by annotation and by field",
    fields: { annotations: annotated("loadBalancerIPs", "192.0.2.1"), spec: { loadBalancerIP: "192.0.2.1" } },
    reason: "RequestedTwice",
    says: 'addresses are requested twice: "192.0.2.1" by annotation metallb.io/loadBalancerIPs, "192.0.2.1" by spec.loadBalancerIP; remove one of them',
  },
  {
    name: "a pool and an address of another",
    fields: { annotations: { ...annotated("address-pool", "gold"), ...annotated("loadBalancerIPs", "198.51.100.1") } },
    reason: "AddressNotOfPool",
    says: 'requested addresses 198.51.100.1 are not of pool "gold", which the service requests too',
  },
  {
    name: "a pool and an address of none",
    fields: { annotations: { ...annotated("address-pool", "gold"), ...annotated("loadBalancerIPs", "203.0.113.1") } },
    reason: "AddressNotOfPool",
    says: 'requested addresses 203.0.113.1 are not of pool "gold", which the service requests too',
  },
  {
    name: "two addresses of one family, where one of each is to be had",
    fields: { annotations: annotated("loadBalancerIPs", "192.0.2.1,192.0.2.2") },
    reason: "RequestedSameFamily",
    says: "requested addresses 192.0.2.1, 192.0.2.2 are of the same family, of which annotation herald-lb.io/addresses-per-family allows 1",
  },
  {
    name: "the same address twice",
    fields: { annotations: annotated("loadBalancerIPs", "192.0.2.1,192.0.2.1") },
    reason: "RequestedSameFamily",
    says: "requested addresses 192.0.2.1, 192.0.2.1 are of the same family, of which annotation herald-lb.io/addresses-per-family allows 1",
  },
  {
    name: "three addresses",
    fields: { annotations: annotated("loadBalancerIPs", "192.0.2.1,2001:db8::1,192.0.2.2") },
    reason: "TooManyRequestedAddresses",
    says: "more than two addresses are requested: 192.0.2.1, 192.0.2.2, 2001:db8::1",
  },
  {
    name: "more than the number it sets itself",
    fields: {
      annotations: {
        "herald-lb.io/addresses-per-family": "2",
        ...annotated("loadBalancerIPs", "192.0.2.1,192.0.2.2,192.0.2.3"),
      },
    },
    reason: "RequestedSameFamily",
    says: "requested addresses 192.0.2.1, 192.0.2.2, 192.0.2.3 are of the same family, of which annotation herald-lb.io/addresses-per-family allows 2",
  },
  {
    name: "an address of a family that it does not have",
    fields: { annotations: annotated("loadBalancerIPs", "2001:db8::1") },
    reason: "FamilyMismatch",
    says: "addresses 2001:db8::1 do not match the IP families of the service, which are IPv4",
  },
  {
    name: "one address where it needs both families",
    fields: { stack: "dual", policy: "RequireDualStack", annotations: annotated("loadBalancerIPs", "192.0.2.1") },
    reason: "FamilyMismatch",
    says: "addresses 192.0.2.1 do not match the IP families of the service, which are IPv4 and IPv6",
  },
  {
    name: "text that is no address",
    fields: { annotations: annotated("loadBalancerIPs", "192.0.2.256") },
    reason: "BadRequestedAddress",
    says: 'annotation metallb.io/loadBalancerIPs: "192.0.2.256" is not an address',
  },
  {
    name: "a pool that is not there",
    fields: { annotations: annotated("address-pool", "bronze") },
    reason: "UnknownPool",
    says: 'unknown pool "bronze"',
  },
];

describe("a request that contradicts itself", () => {
  it.each(contradictions)("gets nothing, and is told why: $name", ({ fields, reason, says }) => {
    const cluster = new TestCluster().configure(gold, silver).apply(loadBalancerService("s", fields)).reconcile();
    expect(cluster.ips("default/s")).toEqual([]);
    expect(cluster.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
    const { conditions } = cluster.services.get("default/s")?.status ?? {};
    expect(conditions).toMatchObject([{ status: "False", reason, message: says }]);
    expect(cluster.said("default/s")).toBe(`Failed to allocate IP for "default/s": ${says}`);
    cluster.forgetHistory().look("default/s").elect().reconcile();
    expect([cluster.writes.size, cluster.events]).toEqual([0, []]);
  });

  it.each(contradictions)("keeps what serves traffic already: $name", ({ fields, reason, says }) => {
    const { annotations: _annotations, spec: _spec, ...plain } = fields;
    const cluster = new TestCluster().configure(gold, silver).apply(loadBalancerService("s", plain)).reconcile();
    const held = cluster.ips("default/s");
    expect(held.length).toBeGreaterThan(0);
    cluster.forgetHistory().apply(loadBalancerService("s", fields)).reconcile();
    expect(cluster.ips("default/s")).toEqual(held);
    expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    const message = `${says}; the service keeps ${held.join(", ")} of pool "gold"`;
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([{ status: "False", reason, message }]);
    cluster.apply(loadBalancerService("s", plain)).reconcile();
    expect(cluster.services.get("default/s")?.status?.conditions).toMatchObject([{ status: "True" }]);
    expect(cluster.ips("default/s")).toEqual(held);
  });
});

import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { open, pool, read, type ServiceFields } from "./demand.test.fixture.ts";

describe("tenancy", () => {
  const tenants = (more: object): KubernetesObject => pool("p", "203.0.113.0/28", { tenancy: more });
  const names: ServiceFields = { annotations: { "metallb.io/address-pool": "p" } };

  it.each([
    { name: "absent", pools: [pool("p", "203.0.113.0/28")], mayRequest: true },
    { name: "of nobody in particular", pools: [tenants({})], mayRequest: true },
    { name: "that names its namespace", pools: [tenants({ namespaces: ["team-b", "team-a"] })], mayRequest: true },
    {
      name: "that selects its namespace",
      pools: [tenants({ namespaceSelectors: [{ matchLabels: { team: "a" } }] })],
      mayRequest: true,
    },
    { name: "that names others", pools: [tenants({ namespaces: ["team-b"] })], mayRequest: false },
    {
      name: "that selects nobody",
      pools: [tenants({ namespaceSelectors: [{ matchLabels: { team: "z" } }] })],
      mayRequest: false,
    },
  ])("$name", ({ pools, mayRequest }) => {
    // It is given addresses of the pool all the same.
    expect(read({}, pools)).toMatchObject({
      demand: { pools: ["p"], permitted: ["p"], ...(mayRequest ? {} : { requestable: [] }) },
    });
    if (mayRequest) expect(read({}, pools)).not.toHaveProperty("demand.requestable");
    const reading = read(names, pools);
    if (mayRequest) expect(reading).toMatchObject({ type: "Demand" });
    else
      expect(reading).toMatchObject({ type: "Refused", refusal: { code: "PoolNotRequestable", pool: "p" }, keep: {} });
  });
});

describe("the addresses that a Service keeps while its request cannot be met", () => {
  const closed = pool("closed", "203.0.113.0/28", { serviceAllocation: { namespaces: ["team-b"] } });
  const theirs = pool("theirs", "203.0.113.16/28", { tenancy: { namespaces: ["team-b"] } });
  const asks = (annotations: Record<string, string>): ServiceFields => ({
    annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`metallb.io/${name}`, value])),
  });

  it.each([
    { name: "a pool that is not there", fields: asks({ "address-pool": "none" }), released: null },
    { name: "a pool that is not for it", fields: asks({ "address-pool": "closed" }), released: null },
    {
      name: "a pool and another's address",
      fields: asks({ "address-pool": "a", loadBalancerIPs: "192.0.2.1" }),
      released: null,
    },
    {
      name: "a pool it may not ask for",
      fields: asks({ "address-pool": "theirs" }),
      released: { permitted: ["theirs"] },
    },
    { name: "no address", fields: asks({ loadBalancerIPs: "x" }), released: { permitted: ["a", "b", "theirs"] } },
  ])("is by policy, where it asks for $name", ({ fields, released }) => {
    const pools = [...open, closed, theirs];
    expect(read(fields, pools)).toMatchObject({ type: "Refused", keep: { permitted: ["a", "b", "theirs"] } });
    const strict = read(fields, pools, null, { impossibleRequests: "Release" });
    expect(strict).toMatchObject({ type: "Refused", keep: released });
  });
});

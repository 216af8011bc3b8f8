import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { demandOf } from "./demand.ts";
import { type AllocationPolicy, defaultAllocationPolicy } from "./policy.ts";

function pool(name: string, address: string, more: object = {}): KubernetesObject {
  const spec = { addresses: [address], ...more };
  return { apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name }, spec } as KubernetesObject;
}

interface ServiceFields {
  readonly spec?: Service["spec"];
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly ingress?: { ip?: string; hostname?: string }[];
}

function service({ spec = {}, annotations = {}, labels = {}, ingress = [] }: ServiceFields): Service {
  return {
    metadata: { name: "web", namespace: "team-a", annotations, labels },
    spec: {
      type: "LoadBalancer",
      clusterIPs: ["10.96.0.1"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ port: 80 }, { port: 53, protocol: "UDP" }],
      ...spec,
    },
    status: { loadBalancer: { ingress } },
  };
}

const open = [pool("b", "192.0.2.0/28"), pool("a", "198.51.100.0/28")];
const namespaces = new Map([["team-a", { team: "a" }]]);

function read(
  fields: ServiceFields,
  pools: readonly KubernetesObject[] = open,
  lbClass: string | null = null,
  policy: Partial<AllocationPolicy> = {},
) {
  return demandOf(
    service(fields),
    { configuration: readConfiguration(pools), namespaces },
    { ...defaultAllocationPolicy, loadBalancerClass: lbClass, ...policy },
  );
}

describe("a Service's demand", () => {
  it("says all that the allocator needs", () => {
    expect(read({ ingress: [{ ip: "192.0.2.3" }, { hostname: "x" }, { ip: "?" }] })).toEqual({
      type: "Demand",
      demand: {
        service: "team-a/web",
        account: "team-a",
        families: { type: "All", families: ["IPv4"] },
        ports: [
          { protocol: "TCP", port: 80 },
          { protocol: "UDP", port: 53 },
        ],
        pools: ["a", "b"],
        permitted: ["a", "b"],
        requested: [],
        ifImpossible: "Keep",
        recorded: ["192.0.2.3"],
        sharingKey: null,
        backendKey: "",
      },
    });
  });

  it.each([
    { flag: null, theirs: undefined, type: "Demand" },
    { flag: null, theirs: "x", type: "NotOurs" },
    { flag: "x", theirs: "x", type: "Demand" },
    { flag: "x", theirs: undefined, type: "NotOurs" },
    { flag: "x", theirs: "y", type: "NotOurs" },
  ])("with class $theirs and --lb-class $flag is $type", ({ flag, theirs, type }) => {
    expect(read({ spec: theirs === undefined ? {} : { loadBalancerClass: theirs } }, open, flag).type).toBe(type);
  });

  it("of another type is released", () => {
    expect(read({ spec: { type: "ClusterIP" } }).type).toBe("Released");
  });

  const v4 = "10.96.0.1";
  const v6 = "fd00::1";
  it.each([
    { policy: "SingleStack", clusterIPs: [v4], expected: { type: "All", families: ["IPv4"] } },
    { policy: "SingleStack", clusterIPs: [v6], expected: { type: "All", families: ["IPv6"] } },
    { policy: "SingleStack", clusterIPs: [v4, v6], expected: "FamilyPolicyMismatch" },
    { policy: "RequireDualStack", clusterIPs: [v4], expected: "NotEnoughClusterIPs" },
    { policy: "RequireDualStack", clusterIPs: [v4, v6], expected: { type: "All", families: ["IPv4", "IPv6"] } },
    { policy: "PreferDualStack", clusterIPs: [v4, v6], expected: { type: "PreferBoth", primary: "IPv4" } },
    { policy: "PreferDualStack", clusterIPs: [v6], expected: { type: "All", families: ["IPv6"] } },
    { policy: "PreferDualStack", clusterIPs: [v4, "10.96.0.2"], expected: "BadClusterIPs" },
    { policy: "SingleStack", clusterIPs: [], expected: "NoClusterIP" },
    { policy: "SingleStack", clusterIPs: ["None"], expected: "BadClusterIPs" },
  ])("with $policy and $clusterIPs wants $expected", ({ policy, clusterIPs, expected }) => {
    const reading = read({ spec: { ipFamilyPolicy: policy, clusterIPs } });
    if (typeof expected === "string")
      expect(reading).toMatchObject({ type: "Refused", refusal: { code: expected }, keep: null });
    else expect(reading).toMatchObject({ type: "Demand", demand: { families: expected } });
  });

  it("takes its primary family from ipFamilies", () => {
    const spec = { ipFamilyPolicy: "PreferDualStack", clusterIPs: [v6, v4], ipFamilies: ["IPv6", "IPv4"] };
    expect(read({ spec })).toMatchObject({ demand: { families: { type: "PreferBoth", primary: "IPv6" } } });
  });

  const asks = "metallb.io/loadBalancerIPs";
  const old = "metallb.universe.tf/loadBalancerIPs";
  it.each([
    { name: "annotation", fields: { annotations: { [asks]: "192.0.2.5" } }, expected: ["192.0.2.5"] },
    { name: "old annotation", fields: { annotations: { [old]: "192.0.2.5" } }, expected: ["192.0.2.5"] },
    {
      name: "the new one before the old",
      fields: { annotations: { [old]: "192.0.2.5", [asks]: "192.0.2.6" } },
      expected: ["192.0.2.6"],
    },
    {
      name: "both families",
      fields: { annotations: { [asks]: "2001:db8::5, 192.0.2.5" } },
      expected: ["192.0.2.5", "2001:db8::5"],
    },
    { name: "spec.loadBalancerIP", fields: { spec: { loadBalancerIP: "192.0.2.7" } }, expected: ["192.0.2.7"] },
    {
      name: "both ways",
      fields: { spec: { loadBalancerIP: "192.0.2.7" }, annotations: { [asks]: "192.0.2.7" } },
      expected: "RequestedTwice",
    },
    { name: "an empty text, which is none", fields: { annotations: { [asks]: "" } }, expected: [] },
    {
      name: "an empty text before the old one",
      fields: { annotations: { [asks]: "", [old]: "192.0.2.5" } },
      expected: [],
    },
    {
      name: "spec.loadBalancerIP beside an empty text",
      fields: { spec: { loadBalancerIP: "192.0.2.7" }, annotations: { [asks]: "" } },
      expected: ["192.0.2.7"],
    },
    { name: "no address", fields: { annotations: { [asks]: "192.0.2" } }, expected: "BadRequestedAddress" },
    { name: "a name", fields: { spec: { loadBalancerIP: "web" } }, expected: "BadRequestedAddress" },
    {
      name: "one family twice",
      fields: { annotations: { [asks]: "192.0.2.5,192.0.2.6" } },
      expected: "RequestedSameFamily",
    },
    {
      name: "three",
      fields: { annotations: { [asks]: "192.0.2.5,192.0.2.6,2001:db8::1" } },
      expected: "TooManyRequestedAddresses",
    },
  ])("asks for addresses by $name", ({ fields, expected }) => {
    const reading = read({ ...fields, ingress: [{ ip: "192.0.2.3" }] });
    if (typeof expected !== "string")
      expect(reading).toMatchObject({ type: "Demand", demand: { requested: expected } });
    else
      expect(reading).toMatchObject({ refusal: { code: expected }, keep: { requested: [], recorded: ["192.0.2.3"] } });
  });

  it("names a pool by either prefix, autoAssign or not", () => {
    const pools = [...open, pool("manual", "203.0.113.0/28", { autoAssign: false })];
    for (const prefix of ["metallb.io", "metallb.universe.tf"]) {
      const reading = read({ annotations: { [`${prefix}/address-pool`]: "manual" } }, pools);
      expect(reading).toMatchObject({ demand: { pools: ["manual"], permitted: ["manual"] } });
    }
    expect(read({}, pools)).toMatchObject({ demand: { pools: ["a", "b"], permitted: ["a", "b", "manual"] } });
  });

  it("for a pool that is not there, or not for it, is refused and keeps what it has", () => {
    const closed = pool("closed", "203.0.113.0/28", { serviceAllocation: { namespaces: ["team-b"] } });
    const annotations = (name: string) => ({ annotations: { "metallb.io/address-pool": name } });
    expect(read(annotations("nope"))).toMatchObject({ refusal: { code: "UnknownPool" }, keep: {} });
    expect(read(annotations("closed"), [closed])).toMatchObject({ refusal: { code: "PoolNotPermitted" }, keep: {} });
  });

  it("shares by key; Local Services share by their selector too", () => {
    const annotations = { "metallb.io/allow-shared-ip": "k" };
    const spec = { externalTrafficPolicy: "Local", selector: { b: "2", a: "1" } };
    expect(read({ annotations, spec })).toMatchObject({ demand: { sharingKey: "k", backendKey: "a=1,b=2" } });
    expect(read({ annotations: { "metallb.io/allow-shared-ip": "" } })).toMatchObject({ demand: { sharingKey: null } });
  });
});

describe("the order of pools", () => {
  const allocation = (more: object) => ({ serviceAllocation: more });

  it("is pinned by priority, 0 last, ties by name, then those for everybody", () => {
    const addresses = (at: number) => `192.0.2.${at * 16}/28`;
    const pools = [
      pool("any", addresses(0)),
      pool("zero", addresses(1), allocation({ namespaces: ["team-a"] })),
      pool("ten", addresses(2), allocation({ namespaces: ["team-a"], priority: 10 })),
      pool("five-b", addresses(3), allocation({ priority: 5 })),
      pool("five-a", addresses(4), allocation({ namespaceSelectors: [{ matchLabels: { team: "a" } }], priority: 5 })),
      pool("other", addresses(5), allocation({ namespaces: ["team-b"], priority: 1 })),
      pool("manual", addresses(6), { autoAssign: false, ...allocation({ priority: 1 }) }),
    ];
    expect(read({}, pools)).toMatchObject({
      demand: {
        pools: ["five-a", "five-b", "ten", "zero", "any"],
        permitted: ["any", "five-a", "five-b", "manual", "ten", "zero"],
      },
    });
  });

  it("joins namespaces and Service selectors by and", () => {
    const pinned = (namespaces: string[], app: string) =>
      read({ labels: { app: "web" } }, [
        pool("p", "192.0.2.0/28", allocation({ namespaces, serviceSelectors: [{ matchLabels: { app } }] })),
      ]);
    expect(pinned(["team-a"], "web")).toMatchObject({ demand: { pools: ["p"] } });
    expect(pinned(["team-a"], "db")).toMatchObject({ demand: { pools: [], permitted: [] } });
    expect(pinned(["team-b"], "web")).toMatchObject({ demand: { pools: [], permitted: [] } });
  });

  it("keeps a pool closed whose namespaceSelectors match no namespace", () => {
    const empty = allocation({ namespaceSelectors: [{ matchLabels: { team: "none" } }] });
    expect(read({}, [pool("p", "192.0.2.0/28", empty)])).toMatchObject({ demand: { permitted: [] } });
  });
});

describe("a Service's options", () => {
  const own = (name: string, value: string): ServiceFields => ({ annotations: { [`herald-lb.io/${name}`]: value } });

  it("say how many addresses of each family it wants, and may name as many", () => {
    expect(read(own("addresses-per-family", "3"))).toMatchObject({ demand: { perFamily: 3, requested: [] } });
    const asks = { "metallb.io/loadBalancerIPs": "192.0.2.2,2001:db8::1,192.0.2.1" };
    const both = { annotations: { ...own("addresses-per-family", "2").annotations, ...asks } };
    expect(read(both)).toMatchObject({
      demand: { perFamily: 2, requested: ["192.0.2.1", "192.0.2.2", "2001:db8::1"] },
    });
  });

  it("name the namespaces that it shares with", () => {
    expect(read(own("share-with-namespaces", "team-b,team-c"))).toMatchObject({
      demand: { sharesWith: ["team-b", "team-c"] },
    });
    expect(read(own("share-with-namespaces", "*"))).toMatchObject({ demand: { sharesWith: ["*"] } });
  });

  it("that cannot be read have no effect, and the rest serves", () => {
    const reading = read(own("addresses-per-family", "many"));
    expect(reading).toMatchObject({ type: "Demand" });
    expect(reading).not.toHaveProperty("demand.perFamily");
  });
});

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

describe("spreading over pools", () => {
  it("makes one choice of the pools of one rank", () => {
    const pinned = (name: string, at: number, priority: number): KubernetesObject =>
      pool(name, `192.0.2.${at * 16}/28`, { serviceAllocation: { namespaces: ["team-a"], priority } });
    const pools = [pinned("y", 1, 5), pinned("x", 2, 5), pinned("one", 3, 1), pinned("last", 4, 0), ...open];
    const spread = read({}, pools, null, { spreadPools: true });
    expect(spread).toMatchObject({ demand: { pools: ["one", ["x", "y"], "last", ["a", "b"]] } });
    expect(read({}, pools)).toMatchObject({ demand: { pools: ["one", "x", "y", "last", "a", "b"] } });
  });
});

import { describe, expect, it } from "vitest";
import { open, pool, read, type ServiceFields } from "./demand.test.fixture.ts";

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

import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { codes, object, peer, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

describe("pools", () => {
  it("serve in spite of others that do not", () => {
    const { pools, issues } = readConfiguration([
      pool("good", ["192.0.2.0/28"]),
      pool("bad", ["nonsense"]),
      object("IPAddressPool", "worse", { addresses: "192.0.2.0/24" }),
      object("IPAddressPool", "worst", null),
    ]);
    expect(pools.map((each) => each.pool.name)).toEqual(["good"]);
    expect(new Set(issues.map((issue) => issue.object.name))).toEqual(new Set(["bad", "worse", "worst"]));
  });

  it("serve what of them can be read, and name the entry that cannot", () => {
    const { pools, issues } = readConfiguration([
      pool("p", ["192.0.2.0/30", "192.0.2.20-192.0.2.10", "2001:db8::/126"]),
    ]);
    expect(pools[0]?.pool.ranges).toEqual([
      { first: "192.0.2.0", last: "192.0.2.3" },
      { first: "2001:db8::", last: "2001:db8::3" },
    ]);
    expect(issues).toMatchObject([{ path: "spec.addresses[1]", code: "ReversedRange", effect: "Partial" }]);
  });

  it("of which two overlap: the older serves whole, the younger without the overlap, whatever their names", () => {
    const older = pool("z", ["192.0.2.8-192.0.2.11"]);
    const younger = pool("a", ["192.0.2.0/28"]);
    const { pools, issues } = readConfiguration([younger, older]);
    expect(pools.map((each) => each.pool)).toMatchObject([
      { name: "a", ranges: [{ last: "192.0.2.7" }, { first: "192.0.2.12" }] },
      { name: "z", ranges: [{ first: "192.0.2.8", last: "192.0.2.11" }] },
    ]);
    expect(issues).toMatchObject([
      { object: { name: "a" }, code: "Overlap", effect: "Partial", facts: { pool: "z" } },
      { object: { name: "z" }, path: "spec.addresses[0]", code: "Overlap", effect: "Noted", facts: { pool: "a" } },
    ]);
    expect(issues[1]?.message).toBe(
      'pool "a", which is newer, does not get the addresses that its entry "192.0.2.0/28" has in common',
    );
  });

  it("lie wholly in an older one: nothing is left", () => {
    expect(codes(pool("old", ["192.0.2.0/24"]), pool("young", ["192.0.2.16/28"]))).toEqual([
      "old spec.addresses[0] Overlap Noted",
      "young spec.addresses[0] Overlap Partial",
      "young spec.addresses NoAddresses Rejected",
    ]);
  });

  it("that are rejected take nothing from others", () => {
    const selector = { matchExpressions: [{ key: "a", operator: "In" }] };
    const bad = pool("old", ["192.0.2.0/24"], { serviceAllocation: { serviceSelectors: [selector] } });
    const { pools } = readConfiguration([bad, pool("young", ["192.0.2.16/28"])]);
    expect(pools.map((each) => each.pool.name)).toEqual(["young"]);
  });

  it("overlap themselves: the entry before serves", () => {
    expect(codes(pool("p", ["192.0.2.0/28", "192.0.2.8/32"]))).toEqual(["p spec.addresses[1] Overlap Partial"]);
  });

  it("have MetalLB's defaults", () => {
    expect(readConfiguration([pool("p", ["192.0.2.0/28"])]).pools[0]).toMatchObject({
      autoAssign: true,
      allocation: null,
      pool: { avoidBuggyIPs: false },
    });
  });

  it("note a namespace that is named twice", () => {
    expect(codes(pool("p", ["192.0.2.0/28"], { serviceAllocation: { namespaces: ["a", "a"] } }))).toEqual([
      "p spec.serviceAllocation.namespaces[1] Duplicate Noted",
    ]);
  });
});

describe("peers", () => {
  it("are read into what the speaker takes", () => {
    const { bgpPeers, issues } = readConfiguration([peer({ holdTime: "90s", localASN: 64999, routerID: "192.0.2.9" })]);
    expect(issues).toEqual([]);
    expect(bgpPeers[0]?.config).toEqual({
      name: "p",
      address: "192.0.2.1",
      port: 179,
      peerAs: 64501,
      localAs: 64999,
      holdTime: 90,
      keepaliveTime: 30,
      bgpIdentifier: "192.0.2.9",
    });
  });

  it.each([
    { spec: { role: "Customer" }, role: { local: "Customer", strict: false } },
    { spec: { role: "RS-Client", strictRole: true }, role: { local: "RS-Client", strict: true } },
    { spec: { role: "Provider", peerASN: 0, dynamicASN: "external" }, role: { local: "Provider", strict: false } },
    { spec: {}, role: undefined },
    { spec: { strictRole: false }, role: undefined },
  ])("have the role of $spec", ({ spec, role }) => {
    expect(codes(peer(spec))).toEqual([]);
    expect(readConfiguration([peer(spec)]).bgpPeers[0]?.config.role).toEqual(role);
  });

  it("of v1beta1 without holdTime have the speaker's own timers, not none", () => {
    const old = object("BGPPeer", "p", { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", peerPort: 0 });
    const config = readConfiguration([old]).bgpPeers[0]?.config;
    expect(config).not.toHaveProperty("holdTime");
    expect(config?.port).toBe(179);
  });

  it.each([
    { name: "no own AS", spec: { myASN: 0 }, expected: "p spec.myASN BadAsn Rejected" },
    { name: "no peer AS", spec: { peerASN: 0 }, expected: "p spec.peerASN BadAsn Rejected" },
    { name: "two peer ASes", spec: { dynamicASN: "internal" }, expected: "p spec.dynamicASN FieldConflict Rejected" },
    { name: "no address", spec: { peerAddress: "" }, expected: "p spec.peerAddress BadAddress Rejected" },
    {
      name: "a name for an address",
      spec: { peerAddress: "router" },
      expected: "p spec.peerAddress BadAddress Rejected",
    },
    { name: "address and interface", spec: { interface: "eth0" }, expected: "p spec.interface FieldConflict Rejected" },
    {
      name: "interface with a space",
      spec: { peerAddress: "", interface: "eth 0" },
      expected: "p spec.interface BadInterface Rejected",
    },
    { name: "short hold time", spec: { holdTime: "2s" }, expected: "p spec.holdTime BadTimer Rejected" },
    { name: "IPv6 router id", spec: { routerID: "2001:db8::1" }, expected: "p spec.routerID BadAddress Rejected" },
    {
      name: "both passwords",
      spec: { password: "x", passwordSecret: { name: "s" } },
      expected: "p spec.password FieldConflict Rejected",
    },
    {
      name: "internal multihop",
      spec: { peerASN: 64500, ebgpMultiHop: true },
      expected: "p spec.ebgpMultiHop FieldConflict Rejected",
    },
    { name: "connectTime in parts", spec: { connectTime: "1500ms" }, expected: "p spec.connectTime BadTimer Rejected" },
    { name: "strictRole alone", spec: { strictRole: true }, expected: "p spec.strictRole FieldConflict Rejected" },
    {
      name: "a role for an internal peer",
      spec: { peerASN: 64500, role: "Peer" },
      expected: "p spec.role FieldConflict Rejected",
    },
    {
      name: "a role for a peer that localASN makes internal",
      spec: { localASN: 64501, role: "Peer" },
      expected: "p spec.role FieldConflict Rejected",
    },
    {
      name: "a role for any internal peer",
      spec: { peerASN: 0, dynamicASN: "internal", role: "Peer" },
      expected: "p spec.role FieldConflict Rejected",
    },
    { name: "an unknown role", spec: { role: "Friend" }, expected: "p spec.role SchemaViolation Rejected" },
    { name: "VRF", spec: { vrf: "red/blue" }, expected: "p spec.vrf BadInterface Rejected" },
    { name: "port out of range", spec: { peerPort: 20_000 }, expected: "p spec.peerPort SchemaViolation Rejected" },
  ])("with $name", ({ spec, expected }) => {
    expect(codes(peer(spec))).toEqual([expected]);
    expect(readConfiguration([peer(spec)]).bgpPeers).toHaveLength(expected.endsWith("Noted") ? 1 : 0);
  });

  it("with a BFDProfile have BFD by it, and without one that is valid they serve without BFD and say so", () => {
    const spec = { bfdProfile: "fast" };
    const bfdOf = (...objects: readonly ReturnType<typeof object>[]) =>
      readConfiguration(objects).bgpPeers[0]?.config.bfd;
    const values = {
      receiveInterval: 50,
      transmitInterval: 60,
      detectMultiplier: 4,
      passiveMode: true,
      minimumTtl: 250,
    };
    expect(codes(peer(spec), object("BFDProfile", "fast", values))).toEqual([]);
    expect(bfdOf(peer(spec), object("BFDProfile", "fast", values))).toEqual({
      requiredMinRxInterval: 50,
      desiredMinTxInterval: 60,
      detectMult: 4,
      role: "passive",
      minimumTtl: 250,
    });
    expect(bfdOf(peer(spec), object("BFDProfile", "fast", {}))).toEqual({
      requiredMinRxInterval: 300,
      desiredMinTxInterval: 300,
      detectMult: 3,
      role: "active",
      minimumTtl: 254,
    });
    const bad = object("BFDProfile", "fast", { receiveInterval: 1 });
    for (const objects of [[peer(spec)], [peer(spec), bad], [peer(spec), object("BFDProfile", "slow", {})]]) {
      expect(codes(...objects)).toContain("p spec.bfdProfile UnknownReference Partial");
      expect(readConfiguration(objects).bgpPeers).toMatchObject([{ name: "p", bfdProfile: null }]);
      expect(bfdOf(...objects)).toBeUndefined();
    }
  });

  it("say that Herald neither sends nor takes Echo packets", () => {
    expect(codes(object("BFDProfile", "b", { echoMode: false }))).toEqual([]);
    expect(codes(object("BFDProfile", "b", { echoMode: true, echoInterval: 50 }))).toEqual([
      "b spec.echoMode NotActedOn Noted",
      "b spec.echoInterval NotActedOn Noted",
    ]);
  });

  it("have TTL security by a number of hops, and not beside ebgpMultiHop", () => {
    const configOf = (spec: object) => readConfiguration([peer(spec)]).bgpPeers[0]?.config;
    expect(configOf({ ttlSecurity: 2 })?.ttlSecurity).toBe(2);
    expect(configOf({})).not.toHaveProperty("ttlSecurity");
    expect(configOf({ ttlSecurity: 1, ebgpMultiHop: false })?.ttlSecurity).toBe(1);
    for (const hops of [0, 255, 1.5])
      expect(codes(peer({ ttlSecurity: hops }))).toEqual(["p spec.ttlSecurity SchemaViolation Rejected"]);
    expect(codes(peer({ ttlSecurity: 1, ebgpMultiHop: true }))).toEqual(["p spec.ttlSecurity FieldConflict Rejected"]);
  });
});

describe("BGPAdvertisements", () => {
  const advertise = (spec: object) => object("BGPAdvertisement", "ad", spec);

  it("resolve communities by value and by name", () => {
    const aliases = object("Community", "c", { communities: [{ name: "no-export", value: "65535:65281" }] });
    const { bgpAdvertisements, issues } = readConfiguration([
      advertise({ communities: ["no-export", "64500:1", "large:1:2:4294967295"] }),
      aliases,
    ]);
    expect(issues).toEqual([]);
    expect(bgpAdvertisements[0]?.communities).toEqual([
      { type: "Standard", value: 0xffffff01 },
      { type: "Standard", value: 64500 * 65536 + 1 },
      { type: "Large", globalAdministrator: 1, localDataPart1: 2, localDataPart2: 4294967295 },
    ]);
  });

  it.each([
    { text: "12345", code: "UnknownCommunity" },
    { text: "1:2:3", code: "BadCommunity" },
    { text: "larg:1:2:3", code: "BadCommunity" },
    { text: "65536:1", code: "BadCommunity" },
    { text: "large:1:2", code: "BadCommunity" },
  ])("with community $text are not announced without it", ({ text, code }) => {
    expect(codes(advertise({ communities: [text] }))).toEqual([`ad spec.communities[0] ${code} Rejected`]);
  });

  it("may not aggregate beyond the blocks of a pool that they are for", () => {
    const pools = [pool("v4", ["192.0.2.0/25", "198.51.100.10-198.51.100.20"]), pool("other", ["203.0.113.0/24"])];
    expect(codes(...pools, advertise({ ipAddressPools: ["v4"], aggregationLength: 30 }))).toEqual([]);
    expect(codes(...pools, advertise({ ipAddressPools: ["v4"], aggregationLength: 26 }))).toEqual([
      "ad spec.aggregationLength BadAggregationLength Rejected",
    ]);
    expect(codes(...pools, advertise({ ipAddressPools: ["other"], aggregationLength: 24 }))).toEqual([]);
  });

  it("select Services or aggregate, not both", () => {
    expect(codes(advertise({ serviceSelectors: [{}], aggregationLength: 24 }))).toEqual([
      "ad spec.serviceSelectors FieldConflict Rejected",
    ]);
  });
});

describe("communities", () => {
  it("keep the older object's name", () => {
    const first = object("Community", "z", { communities: [{ name: "x", value: "1:1" }] });
    const next = object("Community", "a", {
      communities: [
        { name: "x", value: "1:2" },
        { name: "y", value: "1:3" },
      ],
    });
    const { communities, issues } = readConfiguration([next, first]);
    expect(communities.get("x")).toEqual({ type: "Standard", value: 65537 });
    expect([...communities.keys()].toSorted()).toEqual(["x", "y"]);
    expect(issues).toMatchObject([{ object: { name: "a" }, path: "spec.communities[0].name", code: "Duplicate" }]);
  });
});

describe("the tutorials' manifests", () => {
  it("of pool and L2Advertisement are read without an issue", () => {
    const documents = [
      "{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: first-pool, namespace: metallb-system}, spec: {addresses: [192.0.2.240-192.0.2.250]}}",
      "{apiVersion: metallb.io/v1beta1, kind: L2Advertisement, metadata: {name: example, namespace: metallb-system}}",
      "{apiVersion: metallb.io/v1beta1, kind: L2Advertisement, metadata: {name: two, namespace: metallb-system}, spec: {ipAddressPools: [first-pool]}}",
    ];
    const configuration = readConfiguration(documents.map((text) => parse(text) as KubernetesObject));
    expect(configuration.issues).toEqual([]);
    expect(configuration.pools).toHaveLength(1);
    expect(configuration.l2Advertisements).toMatchObject([{ pools: null }, { pools: { names: ["first-pool"] } }]);
  });
});

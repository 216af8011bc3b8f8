import { describe, expect, it } from "vitest";
import { advertisement, codes, object, peer, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const on = (host: string) => ({ nodeSelectors: [{ matchLabels: { host } }] });
const v4 = pool("v4", ["192.0.2.0/24"]);
const dual = pool("dual", ["198.51.100.0/24", "2001:db8::/64"]);
const peers = [peer({}, "p"), peer({ peerAddress: "192.0.2.2" }, "q")];

describe("two BGPAdvertisements of one pool with other values of localPref", () => {
  const conflict = "young spec.localPref ConflictingAdvertisements Noted";
  it.each([
    { name: "conflict", older: {}, younger: {}, expected: [conflict] },
    { name: "of other lengths in each family do not", older: {}, younger: { aggregationLength: 30 }, expected: [] },
    {
      name: "of other lengths in one of two families do",
      older: { ipAddressPools: ["dual"] },
      younger: { aggregationLength: 30 },
      expected: [conflict],
    },
    {
      name: "of other lengths in both families do not",
      older: { ipAddressPools: ["dual"] },
      younger: { aggregationLength: 30, aggregationLengthV6: 100 },
      expected: [],
    },
    { name: "to other peers do not", older: { peers: ["p"] }, younger: { peers: ["q"] }, expected: [] },
    { name: "to all peers and to one do", older: {}, younger: { peers: ["q"] }, expected: [conflict] },
    { name: "from other nodes do not", older: on("a"), younger: on("b"), expected: [] },
    { name: "from all nodes and from one do", older: {}, younger: on("b"), expected: [conflict] },
    {
      name: "for other pools do not",
      older: { ipAddressPools: ["dual"] },
      younger: { ipAddressPools: ["v4"] },
      expected: [],
    },
    {
      name: "of which one selects Services may not: a Service will tell",
      older: {},
      younger: { serviceSelectors: [{ matchLabels: { a: "b" } }] },
      expected: [],
    },
    { name: "the same value do not", older: { localPref: 100 }, younger: { localPref: 100 }, expected: [] },
  ])("$name", ({ older, younger, expected }) => {
    const first = advertisement({ ipAddressPools: ["v4"], localPref: 200, ...older }, "zold");
    const second = advertisement({ ipAddressPools: ["v4", "dual"], localPref: 100, ...younger }, "young");
    const objects = [v4, dual, ...peers, second, first];
    expect(codes(...objects)).toEqual(expected);
    expect(readConfiguration(objects).bgpAdvertisements).toHaveLength(2);
  });

  it("name the one that stays and the pool, once for both pools", () => {
    const objects = [v4, dual, advertisement({ localPref: 200 }, "one"), advertisement({}, "two")];
    expect(readConfiguration(objects).issues.map(({ message }) => message)).toEqual([
      'localPref 0 is not used for pool "dual": advertisement "one", which is older, has localPref 200',
    ]);
  });
});

describe("what advertisements name", () => {
  it("and is not there is noted", () => {
    const l2 = object("L2Advertisement", "l2", { ipAddressPools: ["v4", "none"] });
    const bgp = advertisement({ ipAddressPools: ["none"], peers: ["p", "nobody"] });
    expect(codes(v4, ...peers, l2, bgp)).toEqual([
      "l2 spec.ipAddressPools UnknownReference Noted",
      "ad spec.ipAddressPools UnknownReference Noted",
      "ad spec.peers UnknownReference Noted",
    ]);
  });

  it("and is there, though it does not serve, is not", () => {
    const bad = pool("bad", ["192.0.2.300/32"]);
    expect(codes(bad, advertisement({ ipAddressPools: ["bad"] })).filter((line) => line.startsWith("ad"))).toEqual([]);
  });
});

describe("an advertisement that says what an older one says", () => {
  it.each(["L2Advertisement", "BGPAdvertisement"])("is noted: %s", (kind) => {
    const spec = { ipAddressPools: ["v4"], ...on("a") };
    expect(
      codes(v4, object(kind, "z", spec), object(kind, "a", spec), object(kind, "b", { ...spec, ...on("b") })),
    ).toEqual(["a spec Redundant Noted"]);
  });
});

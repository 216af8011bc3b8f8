import { describe, expect, it } from "vitest";
import { issuesOf, live, nodePeers, object, peer, pool, rangesOf, two } from "./old-config-map.test.fixture.ts";

describe("the old ConfigMap beside objects", () => {
  it("gives its pools, advertisements and peers as objects do, and stands for them", () => {
    const configuration = live([`peers:\n${peer("198.51.100.1")}${two}`]);
    expect(rangesOf(configuration)).toEqual({ a: ["192.0.2.0-192.0.2.15"], b: ["192.0.2.16-192.0.2.31"] });
    expect(configuration.l2Advertisements.map(({ pools }) => pools?.names)).toEqual([["a"], ["b"]]);
    expect(nodePeers(configuration)).toEqual(["peer1 198.51.100.1"]);
    expect(configuration.objects).toMatchObject([{ apiVersion: "v1", kind: "ConfigMap", name: "config", uid: "u-1" }]);
    expect(issuesOf(configuration)).toEqual([]);
  });

  it("gives way to an object of the same kind and name, which is told of the ConfigMap", () => {
    const configuration = live([two], [object("IPAddressPool", "a", { addresses: ["198.51.100.0/28"] })]);
    expect(rangesOf(configuration)).toEqual({ a: ["198.51.100.0-198.51.100.15"], b: ["192.0.2.16-192.0.2.31"] });
    expect(issuesOf(configuration)).toEqual(["ConfigMap/config address-pools[0] Duplicate Noted"]);
    expect(configuration.objects.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "ConfigMap/config",
      "IPAddressPool/a",
    ]);
  });

  it.each([
    {
      name: "until any object announces it",
      kind: "L2Advertisement",
      ad: "own",
      spec: { ipAddressPools: ["b"] },
      told: ["a", "b", "b"],
    },
    {
      name: "no more once an object announces it",
      kind: "L2Advertisement",
      ad: "own",
      spec: { ipAddressPools: ["a"] },
      told: ["a", "b"],
    },
    { name: "no more once an object announces every pool", kind: "BGPAdvertisement", ad: "own", spec: {}, told: ["b"] },
    {
      name: "one by one as the converter's objects come",
      kind: "L2Advertisement",
      ad: "l2advertisement2",
      spec: { ipAddressPools: ["b"] },
      told: ["a", "b"],
    },
  ])("tells how a pool is announced that is an object by now $name", ({ kind, ad, spec, told }) => {
    const objects = [object("IPAddressPool", "a", { addresses: ["198.51.100.0/28"] }), object(kind, ad, spec)];
    const { l2Advertisements } = live([two], objects);
    expect(l2Advertisements.flatMap(({ pools }) => pools?.names ?? []).toSorted()).toEqual(told);
  });

  it("announces a pool whose name had to change as it did, until the converter's advertisement comes", () => {
    const objects = [object("IPAddressPool", "my-pool", { addresses: ["192.0.2.0/28"] })];
    const { pools, l2Advertisements } = live([`address-pools:\n${pool("My_Pool", "192.0.2.0/28")}`], objects);
    expect(pools.map(({ pool: { name } }) => name)).toEqual(["my-pool"]);
    expect(l2Advertisements.map((each) => each.pools?.names)).toEqual([["my-pool"]]);
  });

  it("gives way to a peer that is the same session, whatever it is called", () => {
    const tor = object("BGPPeer", "tor", { myASN: 64512, peerASN: 64501, peerAddress: "2001:DB8:0::1" });
    expect(nodePeers(live([`peers:\n${peer("'2001:db8::1'")}${peer("198.51.100.1")}`], [tor]))).toEqual([
      "peer2 198.51.100.1",
      "tor 2001:db8::1",
    ]);
  });

  it("has the younger pools where they overlap, among its own those written later", () => {
    const text = `address-pools:\n${pool("z", "192.0.2.0/28")}${pool("y", "192.0.2.8-192.0.2.23")}${pool("x", "192.0.2.20-192.0.2.40")}`;
    const configuration = live([text], [object("IPAddressPool", "zz", { addresses: ["192.0.2.40/30"] })]);
    expect(rangesOf(configuration)).toEqual({
      x: ["192.0.2.24-192.0.2.39"],
      y: ["192.0.2.16-192.0.2.23"],
      z: ["192.0.2.0-192.0.2.15"],
      zz: ["192.0.2.40-192.0.2.43"],
    });
    expect(issuesOf(configuration)).toContain("ConfigMap/config address-pools[1].addresses[0] Overlap Partial");
  });

  it("tells of its own entries what is wrong with them, in its own words", () => {
    const text = `peers:\n${peer("198.51.100.1", ", hold-time: 1s")}address-pools:\n${pool("a", "192.0.2.0/28, 192.0.2.999/32")}`;
    expect(issuesOf(live([text]))).toEqual([
      "ConfigMap/config address-pools[0].addresses[1] BadAddress Partial",
      "ConfigMap/config peers[0].hold-time BadTimer Partial",
    ]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answer, bgp, community, create, made, NAMESPACE, peer, pool, remove, update } from "./review.test.fixture.ts";

describe("what is denied", () => {
  it.each([
    {
      name: "an address that is none",
      object: pool("a", ["192.0.2.0/24", "192.0.2.300"], null),
      denied: /^spec\.addresses\[1\]: /,
    },
    {
      name: "every wrong field, not the first",
      object: pool("a", ["x", "y"], null),
      denied: /spec\.addresses\[0\]: .*; spec\.addresses\[1\]: /,
    },
    {
      name: "a pool that overlaps one that is there",
      object: pool("b", ["192.0.2.128-192.0.2.200"], null),
      live: [pool("a", ["192.0.2.0/24"])],
      denied: /^spec\.addresses\[0\]: "192\.0\.2\.128-192\.0\.2\.200" overlaps pool "a"/,
    },
    {
      name: "a pool that overlaps itself",
      object: pool("a", ["192.0.2.0/24", "192.0.2.1/32"], null),
      denied: /overlaps/,
    },
    {
      name: "a namespace twice",
      object: pool("a", ["192.0.2.0/24"], null, { serviceAllocation: { namespaces: ["x", "x"] } }),
      denied: /^spec\.serviceAllocation\.namespaces\[1\]: "x" appears twice$/,
    },
    {
      name: "a pool too small for how an advertisement aggregates it",
      object: pool("a", ["192.0.2.0/28"], null),
      live: [bgp("ad", { aggregationLength: 24 })],
      denied: /^BGPAdvertisement "ad": spec\.aggregationLength: /,
    },
    {
      name: "an aggregation that reaches beyond a pool",
      object: bgp("ad", { aggregationLength: 24 }, null),
      live: [pool("a", ["192.0.2.0/28"])],
      denied: /^spec\.aggregationLength: /,
    },
    {
      name: "an aggregation longer than an address",
      object: bgp("ad", { aggregationLength: 33 }, null),
      denied: /^spec\.aggregationLength: /,
    },
    {
      name: "a peer of an advertisement twice",
      object: bgp("ad", { peers: ["p", "p"] }, null),
      denied: /^spec\.peers\[1\]: "p" appears twice$/,
    },
    {
      name: "a community that is none",
      object: bgp("ad", { communities: ["1:2:3"] }, null),
      denied: /^spec\.communities\[0\]: /,
    },
    {
      name: "a pool twice in an L2Advertisement",
      object: made("L2Advertisement", "l2", { ipAddressPools: ["a", "a"] }, null),
      denied: /^spec\.ipAddressPools\[1\]: "a" appears twice$/,
    },
    {
      name: "a selector that selects nothing that could be",
      object: made(
        "L2Advertisement",
        "l2",
        { nodeSelectors: [{ matchExpressions: [{ key: "k", operator: "In" }] }] },
        null,
      ),
      denied: /^spec\.nodeSelectors\[0\]\./,
    },
    { name: "a peer without an address", object: peer("p", { peerAddress: "" }, null), denied: /^spec\.peerAddress: / },
    {
      name: "a peer at no address",
      object: peer("p", { peerAddress: "no.such" }, null),
      denied: /^spec\.peerAddress: /,
    },
    {
      name: "a router id of IPv6, over which MetalLB panics",
      object: peer("p", { routerID: "2001:db8::1" }, null),
      denied: /^spec\.routerID: /,
    },
    {
      name: "a bad peer behind disableMP, which MetalLB lets through",
      object: peer("p", { myASN: 0, disableMP: true }, null),
      denied: /^spec\.myASN: /,
    },
    {
      name: "a password twice",
      object: peer("p", { password: "x", passwordSecret: { name: "s" } }, null),
      denied: /^spec\.password/,
    },
    {
      name: "a name of a community that another object gives",
      object: community("b", { blackhole: "65535:667" }, null),
      live: [community("a", { blackhole: "65535:666" })],
      denied: /^spec\.communities\[0\]\.name: name "blackhole" belongs to Community object "a" already$/,
    },
    {
      name: "a name for no community",
      object: community("a", { x: "y" }, null),
      denied: /^spec\.communities\[0\]\.value: /,
    },
    {
      name: "a peer that is the same session as another",
      object: peer("q", {}, null),
      live: [peer("p")],
      denied: /^spec: peer "p"/,
    },
    {
      name: "another local preference than that of an advertisement of the same pool",
      object: bgp("second", { localPref: 200 }, null),
      live: [bgp("first", { localPref: 100 }), pool("a", ["192.0.2.0/24"])],
      denied: /^spec\.localPref: /,
    },
    {
      name: "a multiplier beyond its range",
      object: made("BFDProfile", "b", { detectMultiplier: 1 }, null),
      denied: /^spec\.detectMultiplier: /,
    },
  ])("on creation: $name", ({ object, live = [], denied }) => {
    expect(answer(create(object), live).denied).toMatch(denied);
  });

  it("creation in another namespace, before anything is looked at", () => {
    const object = made("IPAddressPool", "a", { addresses: [] }, null, { namespace: "default" });
    expect(answer(create(object)).denied).toBe(`resource must be created in ${NAMESPACE} namespace`);
  });

  it("a change by which an older pool grows into a younger, which is the one to suffer", () => {
    const [before, after] = [pool("a", ["192.0.2.0/25"], 1), pool("a", ["192.0.2.0/24"], 1)];
    const live = [before, pool("b", ["192.0.2.128/25"], 2)];
    expect(answer(update(before, after), live).denied).toMatch(/^IPAddressPool "b": spec\.addresses\[0\]: /);
  });

  it("a change of labels by which an advertisement gets a pool that it cannot aggregate", () => {
    const selector = { ipAddressPoolSelectors: [{ matchLabels: { use: "bgp" } }], aggregationLength: 24 };
    const before = pool("a", ["192.0.2.0/28"]);
    const after = { ...before, metadata: { ...before.metadata, labels: { use: "bgp" } } };
    expect(answer(update(before, after), [before, bgp("ad", selector)]).denied).toMatch(/^BGPAdvertisement "ad"/);
  });

  it("deletion of a BFDProfile that peers name", () => {
    const profile = made("BFDProfile", "fast", {});
    const live = [
      peer("q", { bfdProfile: "fast" }),
      peer("p", { bfdProfile: "fast" }),
      peer("r", { bfdProfile: "slow" }),
    ];
    expect(answer(remove(profile), live).denied).toBe('BFDProfile "fast" is used by BGPPeer p, q');
  });
});

describe("any two pools", () => {
  const addresses = fc.array(
    fc.tuple(fc.nat(31), fc.nat(7)).map(([first, more]) => [first, first + more] as const),
    { minLength: 1, maxLength: 3 },
  );
  const text = ([first, last]: readonly [number, number]): string => `192.0.2.${first}-192.0.2.${last}`;

  it("the second is taken exactly if no address is in two entries", () => {
    fc.assert(
      fc.property(addresses, addresses, (one, two) => {
        const counts = new Map<number, number>();
        for (const [first, last] of two)
          for (let at = first; at <= last; at++) counts.set(at, (counts.get(at) ?? 0) + 1);
        const held = new Set(
          one.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
        );
        const clash = [...counts].some(([at, count]) => count > 1 || held.has(at));
        const { denied } = answer(create(pool("two", two.map(text), null)), [pool("one", one.map(text))]);
        expect(denied !== null).toBe(clash);
      }),
    );
  });
});

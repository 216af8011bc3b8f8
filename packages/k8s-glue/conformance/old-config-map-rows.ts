import { expect } from "vitest";
import type { ConformanceRow } from "./conformance-row.ts";
import { better, bgp, faults, layer2, live, peer, pools, type Row, same } from "./old-config-map.test.fixture.ts";

const peerConfig = (more: string): object => live(peer(more)).bgpPeers[0]?.config ?? {};

const ofKeys: readonly Row[] = [
  better(
    "the ConfigMap",
    "as strict, but entry by entry: an entry with a slip stays as it was, the others serve, and an Event on the ConfigMap names key and line",
    () => {
      const before = pools(layer2, bgp());
      const after = pools(`${layer2}, colour: red`, bgp("", "a"), bgp("", "b", 16)).replace(
        "name: a, protocol: bgp",
        "name: c, protocol: bgp",
      );
      const configuration = live(before.replace("name: a, protocol: bgp", "name: c, protocol: bgp"), after);
      expect(configuration.pools.map(({ pool: { name }, autoAssign }) => [name, autoAssign])).toEqual([
        ["a", true],
        ["b", true],
        ["c", true],
      ]);
      expect(configuration.issues.map(({ object: { kind }, path }) => `${kind} ${path}`)).toEqual([
        "ConfigMap address-pools[0].colour",
      ]);
    },
  ),
  better("peers[].my-asn, peer-asn", "one wrong peer does not stop the others", () => {
    expect(peerConfig("")).toMatchObject({ localAs: 64512, peerAs: 64501 });
    const text =
      "peers: [{my-asn: 0, peer-asn: 1, peer-address: 192.0.2.1}, {my-asn: 1, peer-address: 192.0.2.2}, {my-asn: 1, peer-asn: 2, peer-address: 192.0.2.3}]";
    expect(faults(text)).toEqual([
      "ConfigMap peers[0].my-asn SchemaViolation",
      "ConfigMap peers[1].peer-asn SchemaViolation",
    ]);
    expect(live(text).bgpPeers).toHaveLength(1);
  }),
  same("peers[].peer-address", () => {
    expect(peerConfig("")).toMatchObject({ address: "198.51.100.1" });
    expect(faults("peers: [{my-asn: 1, peer-asn: 2}]")).toEqual(["ConfigMap peers[0].peer-address SchemaViolation"]);
    expect(faults("peers: [{my-asn: 1, peer-asn: 2, peer-address: router}]")).toEqual([
      "ConfigMap peers[0].peer-address BadAddress",
    ]);
  }),
  same("peers[].source-address", () =>
    expect(peerConfig(", source-address: 192.0.2.9")).toMatchObject({ sourceAddress: "192.0.2.9" }),
  ),
  same("peers[].peer-port", () => {
    expect(peerConfig("")).toMatchObject({ port: 179 });
    expect(peerConfig(", peer-port: 0")).toMatchObject({ port: 179 });
    expect(peerConfig(", peer-port: 1179")).toMatchObject({ port: 1179 });
  }),
  same("peers[].hold-time", () => {
    expect(peerConfig("")).toMatchObject({ holdTime: 90, keepaliveTime: 30 });
    expect(peerConfig(", hold-time: 1m")).toMatchObject({ holdTime: 60, keepaliveTime: 20 });
    expect(peerConfig(", hold-time: 0s")).toMatchObject({ holdTime: 0 });
    for (const bad of ["1s", "90", "soon"])
      expect(faults(peer(`, hold-time: ${bad}`))).toEqual(["ConfigMap peers[0].hold-time BadTimer"]);
  }),
  same("peers[].keepalive-time", () => {
    // Without a hold time it is MetalLB's 90 s that the interval is held against, not three intervals.
    expect(peerConfig(", keepalive-time: 10s")).toMatchObject({ holdTime: 90, keepaliveTime: 10 });
    expect(faults(peer(", keepalive-time: 91s"))).toEqual(["ConfigMap peers[0].keepalive-time BadTimer"]);
  }),
  same("peers[].router-id", () => {
    expect(peerConfig(", router-id: 192.0.2.9")).toMatchObject({ bgpIdentifier: "192.0.2.9" });
    expect(peerConfig("")).not.toHaveProperty("bgpIdentifier");
  }),
  same("peers[].password", () => expect(live(peer(", password: 0123")).bgpPeers).toMatchObject([{ password: "0123" }])),
  better(
    "peers[].bfd-profile, ebgp-multihop",
    "the refusal of bfdProfile says what to write, and the session runs",
    () => {
      expect(peerConfig(", ebgp-multihop: true")).toMatchObject({ ebgpMultiHop: true });
      const { issues, bgpPeers } = live(peer(", bfdProfile: full"));
      expect(issues[0]?.message).toContain('its own strict reading refuses it; write "bfd-profile"');
      expect(bgpPeers).toHaveLength(1);
      expect(faults(`${peer(", bfd-profile: full")}bfd-profiles: [{name: full}]`)).toEqual([]);
      expect(faults(peer(", bfd-profile: full"))).toEqual(["ConfigMap peers[0].bfd-profile UnknownReference"]);
    },
  ),
  same("peers[].node-selectors", () => {
    expect(live(peer()).bgpPeers[0]?.nodeSelectors).toBeNull();
    const text = peer(
      ", node-selectors: [{match-labels: {a: b}}, {match-expressions: [{key: c, operator: In, values: [d]}]}]",
    );
    expect(live(text).bgpPeers[0]?.nodeSelectors).toEqual([
      { matchLabels: { a: "b" } },
      { matchExpressions: [{ key: "c", operator: "In", values: ["d"] }] },
    ]);
  }),
  same("bgp-communities", () => {
    const text = `${pools(bgp(", bgp-advertisements: [{communities: [hidden]}]"))}bgp-communities: {hidden: 65535:65281}`;
    expect(live(text).bgpAdvertisements[0]?.communities).toEqual([{ type: "Standard", value: 0xffffff01 }]);
  }),
  same("address-pools[].name", () => {
    expect(live(pools(layer2.replace("name: a", "name: My_Pool"))).pools.map(({ pool }) => pool.name)).toEqual([
      "My_Pool",
    ]);
    expect(faults(pools("protocol: bgp, addresses: []"))).toEqual(["ConfigMap address-pools[0].name SchemaViolation"]);
    expect(faults(pools(layer2, bgp()))).toEqual(["ConfigMap address-pools[1].name Duplicate"]);
  }),
  same("address-pools[].protocol", () => {
    const text = pools(layer2, bgp("", "b"));
    expect(live(text).l2Advertisements.map((each) => each.pools?.names)).toEqual([["a"]]);
    expect(live(text).bgpAdvertisements.map((each) => each.pools?.names)).toEqual([["b"]]);
    expect(faults(pools("name: a, addresses: [192.0.2.0/28]"))).toEqual([
      "ConfigMap address-pools[0].protocol SchemaViolation",
    ]);
  }),
  same("address-pools[].addresses", () => {
    const { ranges } =
      live(pools("name: a, protocol: bgp, addresses: [192.0.2.0/30, 2001:db8::1-2001:db8::9]")).pools[0]?.pool ?? {};
    expect(ranges).toEqual([
      { first: "192.0.2.0", last: "192.0.2.3" },
      { first: "2001:db8::1", last: "2001:db8::9" },
    ]);
  }),
  same("address-pools[].avoid-buggy-ips", () => {
    expect(live(pools(layer2)).pools[0]?.pool.avoidBuggyIPs).toBe(false);
    expect(live(pools(`${layer2}, avoid-buggy-ips: true`)).pools[0]?.pool.avoidBuggyIPs).toBe(true);
  }),
  same("address-pools[].auto-assign", () => {
    expect(live(pools(layer2)).pools[0]?.autoAssign).toBe(true);
    expect(live(pools(`${layer2}, auto-assign: no`)).pools[0]?.autoAssign).toBe(false);
  }),
  same("bgp-advertisements[].aggregation-length, aggregation-length-v6", () => {
    expect(live(pools(bgp())).bgpAdvertisements).toMatchObject([{ aggregationLength: 32, aggregationLengthV6: 128 }]);
    const text = pools(bgp(", bgp-advertisements: [{aggregation-length: 28, aggregation-length-v6: 124}]"));
    expect(live(text).bgpAdvertisements).toMatchObject([{ aggregationLength: 28, aggregationLengthV6: 124 }]);
    const path = "ConfigMap address-pools[0].bgp-advertisements[0].aggregation-length";
    expect(faults(text.replace("length: 28", "length: 24"))).toEqual([`${path} BadAggregationLength`]);
    expect(faults(text.replace("length: 28", "length: 33"))).toEqual([`${path} SchemaViolation`]);
  }),
  better("bgp-advertisements[].localpref, communities", "the pool serves all the same", () => {
    expect(live(pools(bgp(", bgp-advertisements: []"))).bgpAdvertisements).toMatchObject([
      { localPref: null, communities: [] },
    ]);
    const ads = ", bgp-advertisements: [{localpref: 5}, {localpref: 5}]";
    expect(faults(pools(bgp(ads)))).toEqual(["ConfigMap address-pools[0].bgp-advertisements[1] Duplicate"]);
    expect(live(pools(bgp(ads))).bgpAdvertisements).toMatchObject([{ localPref: 5 }]);
    expect(faults(pools(layer2 + ads))).toEqual(["ConfigMap address-pools[0].bgp-advertisements FieldConflict"]);
    expect(live(pools(layer2 + ads))).toMatchObject({ pools: [{}], bgpAdvertisements: [], l2Advertisements: [{}] });
  }),
  same("bfd-profiles[]", () => {
    const text =
      "bfd-profiles: [{name: a, receive-interval: 10, transmit-interval: 60000, detect-multiplier: 2, echo-interval: 10, echo-mode: true, passive-mode: true, minimum-ttl: 254}]";
    expect(live(text).bfdProfiles).toMatchObject([
      {
        name: "a",
        receiveInterval: 10,
        transmitInterval: 60_000,
        detectMultiplier: 2,
        echoInterval: 10,
        echoMode: true,
        passiveMode: true,
        minimumTtl: 254,
      },
    ]);
    for (const [good, bad, key] of [
      ["interval: 10,", "interval: 9,", "receive-interval"],
      ["plier: 2", "plier: 1", "detect-multiplier"],
      ["ttl: 254", "ttl: 255", "minimum-ttl"],
    ] as const)
      expect(faults(text.replace(good, bad))).toEqual([`ConfigMap bfd-profiles[0].${key} SchemaViolation`]);
  }),
  {
    row: "behaviour of old releases",
    verdict: "not applicable",
    why: "Herald does as MetalLB does today: who held an address of a pool that is gone is given another, who announces is decided by the address, and no endpoint is needed under the policy Cluster",
    check: null,
  },
];

/** §3: the keys of the old ConfigMap. */
export const oldConfigMapRows: readonly ConformanceRow[] = ofKeys.map((row) => ({ section: "§3", ...row }));

import type { PeerSnapshot } from "@herald-lb/bgp-speaker";
import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { bfdSessionsOf, type LocatedPeer, locatedPeers } from "./bfd-sessions.ts";

const bfd = {
  desiredMinTxInterval: 300,
  requiredMinRxInterval: 300,
  detectMult: 3,
  role: "active",
  minimumTtl: 254,
} as const;
const [near, far] = ["192.0.2.1", "198.51.100.1"] as unknown as readonly [IpAddress, IpAddress];
const peer = (name: string, more: Partial<LocatedPeer> = {}): LocatedPeer => ({
  name,
  address: near,
  localAs: 64_500,
  peerAs: 64_501,
  bfd,
  ...more,
});
const sessionsOf = (...peers: readonly LocatedPeer[]) => bfdSessionsOf(peers, (address) => address === near);

describe("the BFD sessions of a node", () => {
  it("are those of the peers with BFD", () => {
    const { bfd: _, ...without } = peer("b");
    expect(sessionsOf(peer("a"), without)).toEqual([
      {
        session: {
          ...bfd,
          key: "single 192.0.2.1 any",
          remote: near,
          hops: "single",
          sourceAddress: null,
          interface: null,
          vrf: null,
        },
        peers: ["a"],
      },
    ]);
  });

  it.each<{ readonly name: string; readonly more: Partial<LocatedPeer>; readonly hops: string }>([
    { name: "external, on no network of the node", more: { address: far }, hops: "single" },
    { name: "ebgpMultiHop", more: { ebgpMultiHop: true }, hops: "multi" },
    { name: "one hop of TTL security", more: { ttlSecurity: 1, address: far }, hops: "single" },
    { name: "two hops of TTL security", more: { ttlSecurity: 2 }, hops: "multi" },
    { name: "internal, on the node's network", more: { peerAs: 64_500 }, hops: "single" },
    { name: "internal, elsewhere", more: { peerAs: 64_500, address: far }, hops: "multi" },
    { name: "internal of any number, elsewhere", more: { peerAs: "internal", address: far }, hops: "multi" },
    {
      name: "internal, one hop of TTL security",
      more: { peerAs: "internal", address: far, ttlSecurity: 1 },
      hops: "single",
    },
  ])("go over one hop or several: $name, $hops", ({ more, hops }) => {
    expect(sessionsOf(peer("a", more))).toMatchObject([{ session: { hops } }]);
  });

  it("are shared by the peers with one router, with the options of the first name", () => {
    const fast = { ...bfd, detectMult: 9 };
    const shared = sessionsOf(peer("b", { port: 1_790 }), peer("a", { bfd: fast }));
    expect(shared).toMatchObject([{ session: { detectMult: 9 }, peers: ["a", "b"] }]);
    const sourceAddress = "192.0.2.9" as IpAddress;
    expect(sessionsOf(peer("a"), peer("b", { sourceAddress }), peer("c", { ebgpMultiHop: true }))).toHaveLength(3);
  });

  it("are apart for the same link-local address on two interfaces", () => {
    const address = "fe80::1" as IpAddress;
    const sessions = sessionsOf(peer("a", { address, interface: "eth0" }), peer("b", { address, interface: "eth1" }));
    expect(sessions.map(({ session }) => session.interface)).toEqual(["eth0", "eth1"]);
    expect(sessionsOf(peer("a", { vrf: "red" }), peer("b"), peer("c", { vrf: "red" }))).toMatchObject([
      { session: { vrf: "red" }, peers: ["a", "c"] },
      { session: { vrf: null }, peers: ["b"] },
    ]);
    expect(sessionsOf(peer("a", { interface: "eth0" }))).toMatchObject([{ session: { interface: null } }]);
  });
});

it("locates configured peers, routers that are heard, and dynamic neighbors with a session", () => {
  const configs = new Map(
    [
      peer("near"),
      { name: "heard", interface: "eth0", peerAs: 1 },
      { name: "rack", prefix: "192.0.2.0/24", peerAs: 1 },
    ].map((config) => [config.name, config as LocatedPeer]),
  );
  const snapshot = (name: string, configuredName: string, address: string | null, state = "Active"): PeerSnapshot =>
    ({ name, configuredName, address, state }) as PeerSnapshot;
  const located = locatedPeers(configs, [
    snapshot("near", "near", near, "Idle"),
    snapshot("heard", "heard", null),
    snapshot("rack", "rack", null),
    snapshot("rack 192.0.2.7", "rack", "192.0.2.7"),
    snapshot("rack 192.0.2.8", "rack", "192.0.2.8", "Idle"),
    snapshot("gone", "gone", near),
  ]);
  expect(located.map(({ name, address }) => [name, address])).toEqual([
    ["near", near],
    ["rack 192.0.2.7", "192.0.2.7"],
  ]);
  expect(locatedPeers(configs, [snapshot("heard", "heard", "fe80::1")])).toMatchObject([{ interface: "eth0" }]);
});

import type { Ipv6Address } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import type { SpeakerEffect } from "./effect.ts";
import { peersOf } from "./peers-of.ts";

const FIRST = "fe80::1" as Ipv6Address;
const SECOND = "fe80::2" as Ipv6Address;
/** RFC 8950: IPv4 unicast with an IPv6 next hop. */
const EXTENDED_NEXT_HOP = [5, 6, 0, 1, 0, 1, 0, 2];

const createUnnumbered = (): Bench =>
  createBench({ address: undefined, families: undefined, interface: "eth0" } as never);
const router = (bench: Bench, address: Ipv6Address | null, problem: string | null = null): readonly SpeakerEffect[] =>
  bench.dispatch({ type: "RouterChanged", interface: "eth0", address, problem });
const targets = (effects: readonly SpeakerEffect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.type === "ConnectTcp" ? [`${effect.address}%${effect.interface}`] : []));
const establish = (bench: Bench): void => {
  bench.dispatch({
    type: "TcpConnected",
    peer: "router",
    connection: bench.connection(),
    local: "fe80::10" as Ipv6Address,
  });
  bench.receive(peerOpen({ extra: EXTENDED_NEXT_HOP }));
  bench.receive(KEEPALIVE);
};

describe("an unnumbered peer", () => {
  it("has its router searched for, and is connected to as soon as the router is heard", () => {
    const bench = createUnnumbered();
    expect(bench.effects).toContainEqual({ type: "FindRouters", interfaces: ["eth0"] });
    expect(targets(bench.effects)).toEqual([]);
    expect(peersOf(bench.state)[0]).toMatchObject({
      address: null,
      interface: "eth0",
      lastError: { code: "RouterNotFound" },
    });
    expect(targets(router(bench, FIRST))).toEqual(["fe80::1%eth0"]);
    expect(peersOf(bench.state)[0]).toMatchObject({ address: FIRST, lastError: null });
  });

  it("waits for its router for ever, with the reason why none can be searched for", () => {
    const bench = createUnnumbered();
    router(bench, null, "if_nametoindex: ENODEV");
    expect(targets(bench.wait(300_000))).toEqual([]);
    const problem = "if_nametoindex: ENODEV";
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Connect", lastError: { code: "RouterNotFound", problem } });
    expect(targets(router(bench, FIRST))).toEqual(["fe80::1%eth0"]);
  });

  it("is told of both families with the link-local address as next hop", () => {
    const bench = createUnnumbered();
    bench.dispatch(desired(["web", [route("203.0.113.7/32"), route("2001:db8:1::7/128")]]));
    router(bench, FIRST);
    establish(bench);
    expect([...bench.model.held].map(([prefix, { nextHop }]) => [prefix, nextHop])).toEqual([
      ["4 cb007107/32", "fe800000000000000000000000000010"],
      ["6 20010db8000100000000000000000007/128", "fe800000000000000000000000000010"],
    ]);
  });

  it("is connected to at its other address when another router is heard while it does not answer", () => {
    const bench = createUnnumbered();
    router(bench, FIRST);
    const effects = router(bench, SECOND);
    expect(effects.map(({ type }) => type)).toEqual(["CloseTcp", "ConnectTcp"]);
    expect(targets(effects)).toEqual(["fe80::2%eth0"]);
    expect(router(bench, SECOND)).toEqual([]);
  });

  it("keeps a session that stands when its router is not heard any more, and waits for a router after it", () => {
    const bench = createUnnumbered();
    router(bench, FIRST);
    establish(bench);
    expect(router(bench, null)).toEqual([]);
    bench.receive(frame(3, 6, 5));
    expect(targets(bench.wait(60_000))).toEqual([]);
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Connect", lastError: { code: "RouterNotFound" } });
    expect(targets(router(bench, SECOND))).toEqual(["fe80::2%eth0"]);
  });

  it("has no router searched for when it is gone", () => {
    const bench = createUnnumbered();
    router(bench, FIRST);
    expect(bench.dispatch({ type: "PeersConfigured", peers: [] })).toContainEqual({
      type: "FindRouters",
      interfaces: [],
    });
    expect(bench.state.routers.size).toBe(0);
    expect(router(bench, FIRST)).toEqual([]);
  });
});

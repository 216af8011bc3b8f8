import type { Ipv6Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { createBench, desired, route } from "./bench.test.support.ts";
import { peersOf } from "./peers-of.ts";

describe("a session", () => {
  it("announces IPv4 and IPv6 with ORIGIN IGP, the own AS and the right next hops, then says End-of-RIB", () => {
    const bench = createBench();
    bench.dispatch(
      desired(["web", [route("203.0.113.7/32", { med: 5, communities: [0xfc000001] }), route("2001:db8:1::7/128")]]),
    );
    bench.establish();
    expect(Object.fromEntries(bench.model.held)).toEqual({
      "4 cb007107/32": {
        nextHop: "c000020a",
        attributes: { 1: "00", 2: "02010000fc00", 3: "c000020a", 4: "00000005", 8: "fc000001" },
      },
      "6 20010db8000100000000000000000007/128": {
        nextHop: "20010db8000000000000000000000010",
        attributes: { 1: "00", 2: "02010000fc00" },
      },
    });
    expect(bench.model.endOfRibs).toEqual(["IPv4", "IPv6"]);
    expect(peersOf(bench.state)[0]).toMatchObject({ state: "Established", announcedPrefixes: 2, establishedCount: 1 });
  });

  it("says End-of-RIB also when nothing is wanted", () => {
    const bench = createBench();
    bench.establish();
    expect(bench.model.endOfRibs).toEqual(["IPv4", "IPv6"]);
  });

  it("comes up from octets that arrive one at a time", () => {
    const bench = createBench();
    bench.dispatch({
      type: "TcpConnected",
      peer: "router",
      connection: bench.connection(),
      local: "192.0.2.10" as never,
    });
    for (const octet of [...peerOpen(), ...KEEPALIVE]) bench.receive(Uint8Array.of(octet));
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
  });

  it("adds the link-local address to an IPv6 next hop on the link", () => {
    const bench = createBench({ address: "2001:db8::1" as Ipv6Address });
    bench.dispatch(desired(["web", [route("2001:db8:1::7/128")]]));
    bench.dispatch({
      type: "TcpConnected",
      peer: "router",
      connection: bench.connection(),
      local: "2001:db8::10" as Ipv6Address,
      linkLocal: "fe80::10" as Ipv6Address,
    });
    bench.receive(peerOpen());
    bench.receive(KEEPALIVE);
    expect([...bench.model.held.values()].map((held) => held.nextHop)).toEqual([
      "20010db8000000000000000000000010fe800000000000000000000000000010",
    ]);
  });

  it("does not announce IPv4 over IPv6 without RFC 8950, and does with it", () => {
    for (const extra of [[], [5, 6, 0, 1, 0, 1, 0, 2]]) {
      const bench = createBench({ address: "2001:db8::1" as Ipv6Address });
      bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
      bench.dispatch({
        type: "TcpConnected",
        peer: "router",
        connection: bench.connection(),
        local: "2001:db8::10" as Ipv6Address,
      });
      bench.receive(peerOpen({ extra }));
      bench.receive(KEEPALIVE);
      const [held] = bench.model.held.values();
      expect(held?.nextHop).toBe(extra.length === 0 ? undefined : "20010db8000000000000000000000010");
      expect(peersOf(bench.state)[0]?.notAnnounced.map((each) => each.reason)).toEqual(
        extra.length === 0 ? ["NoExtendedNextHop"] : [],
      );
    }
  });

  it("sends everything again for a ROUTE-REFRESH, between marks", () => {
    const bench = createBench();
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    bench.establish();
    const before = bench.model.messages.length;
    bench.receive(frame(5, 0, 1, 0, 1));
    expect(bench.model.messages.slice(before).map(({ type, body }) => [type, type === 5 ? [...body] : []])).toEqual([
      [5, [0, 1, 1, 1]],
      [2, []],
      [5, [0, 1, 2, 1]],
    ]);
  });

  it("keeps a prefix that several want until the last one goes, with the union of communities and the highest LOCAL_PREF", () => {
    const bench = createBench({ peerAs: 64512 });
    bench.establish({ as: 64512 });
    bench.dispatch(desired(["a", [route("203.0.113.7/32", { communities: [1], localPref: 150 })]]));
    bench.dispatch(desired(["b", [route("203.0.113.7/32", { communities: [2], localPref: 120 })]]));
    expect(bench.model.held.get("4 cb007107/32")?.attributes).toMatchObject({ 5: "00000096", 8: "0000000100000002" });
    bench.dispatch(desired(["a", []]));
    expect(bench.model.held.get("4 cb007107/32")?.attributes).toMatchObject({ 5: "00000078", 8: "00000002" });
    bench.dispatch(desired(["b", []]));
    expect(bench.model.held.size).toBe(0);
  });

  it("resets for another AS of the peer with Other Configuration Change, not for another connect time", () => {
    const bench = createBench();
    bench.establish();
    const config = bench.state.peers.get("router")?.config;
    if (config === undefined) throw new Error("no peer");
    expect(bench.dispatch({ type: "PeersConfigured", peers: [{ ...config, connectTime: 3 }] })).toEqual([]);
    bench.dispatch({ type: "PeersConfigured", peers: [{ ...config, peerAs: 65002 }] });
    expect([...(bench.model.messages.at(-1)?.body ?? [])]).toEqual([6, 6]);
    expect(bench.wait(1_000).map((effect) => effect.type)).toContain("ConnectTcp");
  });

  it("ignores what belongs to a connection it gave up", () => {
    const bench = createBench();
    bench.establish();
    const old = bench.connection();
    bench.receive(frame(3, 6, 2));
    bench.wait(5_000);
    expect(bench.connection()).not.toBe(old);
    expect(bench.dispatch({ type: "OctetsReceived", peer: "router", connection: old, octets: KEEPALIVE })).toEqual([]);
  });

  it("keeps the cause of the last failure with the state that failed, until the peer is configured anew", () => {
    const bench = createBench();
    const lastError = (): unknown => peersOf(bench.state)[0]?.lastError;
    expect(lastError()).toBeNull();
    const silent = bench.connection();
    bench.wait(10_000);
    expect(bench.connection()).not.toBe(silent);
    expect(lastError()).toMatchObject({ code: "ConnectRetryTimer_Expires", state: "Connect" });
    const closed = { type: "TcpClosed", peer: "router", connection: bench.connection() } as const;
    bench.dispatch({ ...closed, reason: "ECONNREFUSED" });
    expect(lastError()).toMatchObject({ code: "TcpConnectionFails", state: "Connect", reason: "ECONNREFUSED" });
    bench.wait(10_000);
    bench.dispatch({
      type: "TcpConnected",
      peer: "router",
      connection: bench.connection(),
      local: "192.0.2.10" as never,
    });
    bench.receive(peerOpen({ as: 65_009 }));
    expect(lastError()).toMatchObject({
      code: "NotificationSent",
      state: "OpenSent",
      notification: { name: "OPEN Message Error/Bad Peer AS" },
    });
    const config = bench.state.peers.get("router")?.config;
    if (config === undefined) throw new Error("no peer");
    bench.dispatch({ type: "PeersConfigured", peers: [{ ...config, peerAs: 65_009 }] });
    expect(lastError()).toBeNull();
  });

  it("tells everything again when the session comes back, and reads nothing behind what ended it", () => {
    const bench = createBench();
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    bench.establish();
    bench.receive(Uint8Array.from([...frame(3, 6, 5), ...KEEPALIVE]));
    expect(peersOf(bench.state)[0]).toMatchObject({
      state: "Idle",
      announcedPrefixes: 0,
      received: { keepalive: 1, notification: 1 },
      lastError: {
        code: "NotificationReceived",
        state: "Established",
        notification: { name: "Cease/Connection Rejected" },
      },
    });
    bench.model.held.clear();
    bench.wait(1_000);
    bench.establish();
    expect([...bench.model.held.keys()]).toEqual(["4 cb007107/32"]);
  });
});

it("never throws on whatever octets a peer sends", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.constantFrom(1, 2, 3, 4, 5), (bodies, type) => {
      const bench = createBench();
      bench.establish();
      for (const body of bodies) bench.receive(frame(type, ...body));
    }),
    { numRuns: 200 },
  );
});

import type { IpAddress, IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { type Bench, createBench } from "./bench.test.support.ts";
import type { SpeakerEffect } from "./effect.ts";
import { configure, LISTENER, ROUTER } from "./passive.test.support.ts";
import { peersOf } from "./peers-of.ts";

const PASSIVE = { ...ROUTER, connectionMode: "passive" } as const;
const at = (address: string): { readonly name: string; readonly address: IpAddress } => ({
  name: address,
  address: address as IpAddress,
});

function listens(effects: readonly SpeakerEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.type === "StopListening") return [`stop ${effect.listener}`];
    if (effect.type !== "ListenTcp") return [];
    const keys = effect.keys.map(({ address, prefixLength, password }) => ` ${address}/${prefixLength}=${password}`);
    return [`${effect.address} ${effect.port} ${effect.vrf}${keys.join("")}`];
  });
}

const createIdle = (): Bench => {
  const bench = createBench();
  configure(bench);
  return bench;
};

describe("the listeners", () => {
  it("are none while no peer connects", () => {
    expect(listens(createBench().effects)).toEqual([]);
  });

  it("are one for each family, port and VRF that peers connect to", () => {
    const bench = createIdle();
    const effects = configure(
      bench,
      PASSIVE,
      { ...PASSIVE, ...at("192.0.2.2"), connectionMode: "both" },
      { ...PASSIVE, ...at("2001:db8::1"), listenPort: 1179 },
      { ...PASSIVE, ...at("192.0.2.3"), vrf: "red" },
      { name: "rack", prefix: "2001:db8::/64" as IpPrefix, peerAs: "external" },
    );
    expect(listens(effects)).toEqual(["0.0.0.0 179 null", ":: 1179 null", "0.0.0.0 179 red", ":: 179 null"]);
    expect(listens(configure(bench, PASSIVE))).toEqual(["stop IPv6 1179 ", "stop IPv4 179 red", "stop IPv6 179 "]);
  });

  it("are at the one address that all peers name, and else at all", () => {
    const bench = createIdle();
    const sourceAddress = "192.0.2.10" as IpAddress;
    expect(listens(configure(bench, { ...PASSIVE, sourceAddress }))).toEqual(["192.0.2.10 179 null"]);
    expect(listens(configure(bench, { ...PASSIVE, sourceAddress }, { ...PASSIVE, ...at("192.0.2.2") }))).toEqual([
      "0.0.0.0 179 null",
    ]);
  });

  it("have the keys of their peers, and new ones without a pause", () => {
    const bench = createIdle();
    const range = { name: "rack", prefix: "198.51.100.0/24" as IpPrefix, peerAs: 65001, password: "r" };
    expect(listens(configure(bench, { ...PASSIVE, password: "a" }, range))).toEqual([
      "0.0.0.0 179 null 192.0.2.1/null=a 198.51.100.0/24=r",
    ]);
    expect(listens(configure(bench, { ...PASSIVE, password: "b" }, range))).toEqual([
      "0.0.0.0 179 null 192.0.2.1/null=b 198.51.100.0/24=r",
    ]);
    const unnumbered = {
      name: "up",
      interface: "eth0",
      peerAs: 65001,
      password: "u",
      connectionMode: "passive",
    } as const;
    expect(listens(configure(bench, unnumbered))).toContain(":: 179 null fe80::/10=u");
  });

  it("are asked for again ten seconds after a failure, which the peers name until it is over", () => {
    const bench = createIdle();
    configure(bench, PASSIVE, { name: "rack", prefix: "198.51.100.0/24" as IpPrefix, peerAs: 65001 });
    bench.dispatch({ type: "ListenFailed", listener: LISTENER, reason: "bind: EADDRINUSE" });
    const errors = (): readonly unknown[] => peersOf(bench.state).map(({ lastError }) => lastError?.code ?? null);
    expect(errors()).toEqual(["ListenFails", "ListenFails"]);
    expect(listens(bench.wait(9_999))).toEqual([]);
    expect(listens(bench.wait(1))).toEqual(["0.0.0.0 179 null"]);
    expect(errors()).toEqual(["ListenFails", "ListenFails"]);
    bench.dispatch({ type: "Listening", listener: LISTENER });
    expect(errors()).toEqual([null, null]);
    expect(listens(bench.wait(60_000))).toEqual([]);
  });

  it("that nobody asked for are passed over", () => {
    const bench = createIdle();
    expect(bench.dispatch({ type: "ListenFailed", listener: "nobody's", reason: "" })).toEqual([]);
    expect(bench.dispatch({ type: "Listening", listener: "nobody's" })).toEqual([]);
  });
});

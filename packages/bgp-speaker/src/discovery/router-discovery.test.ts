import { type Instant, instant, type Ipv6Address } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createRouterDiscovery,
  createRouterDiscoveryState,
  type RouterDiscoveryEvent,
  type RouterDiscoveryState,
} from "./router-discovery.ts";

const machine = createRouterDiscovery();
const FIRST = "fe80::1" as Ipv6Address;
const SECOND = "fe80::2" as Ipv6Address;
const want = (...interfaces: readonly string[]): RouterDiscoveryEvent => ({ type: "InterfacesWanted", interfaces });
const hear = (source: Ipv6Address, routerLifetime = 0, name = "eth0"): RouterDiscoveryEvent => ({
  type: "RouterAdvertisementReceived",
  interface: name,
  source,
  routerLifetime,
});

/** A machine with a clock; each call returns the effects as words, with the second at which they came. */
function createBench(): {
  readonly tell: (event: RouterDiscoveryEvent) => readonly string[];
  readonly waitUntil: (second: number) => readonly string[];
} {
  let state: RouterDiscoveryState = createRouterDiscoveryState();
  let now: Instant = instant(0);
  const take = (step: ReturnType<typeof machine.step>): readonly string[] => {
    ({ state } = step);
    return step.effects.map((effect) => {
      const more = effect.type === "RouterChanged" ? ` ${effect.address}` : "";
      return `${now / 1_000} ${effect.type} ${effect.interface}${more}`;
    });
  };
  return {
    tell: (event) => take(machine.step(state, event, now)),
    waitUntil(second) {
      const words: string[] = [];
      for (;;) {
        const due = machine.nextDeadline(state);
        if (due === null || due > second * 1_000) break;
        now = instant(Math.max(now, due));
        words.push(...take(machine.advance(state, now)));
      }
      now = instant(second * 1_000);
      return words;
    },
  };
}

describe("the router of a link", () => {
  it("is solicited every four seconds, while our own advertisement lets it find us", () => {
    const bench = createBench();
    expect(bench.tell(want("eth0"))).toEqual(["0 Listen eth0"]);
    expect(bench.waitUntil(5)).toEqual([
      "0 SendRouterSolicitation eth0",
      "0 SendRouterAdvertisement eth0",
      "4 SendRouterSolicitation eth0",
      "4 SendRouterAdvertisement eth0",
    ]);
  });

  it("is told of when it is heard, and hears us every ten seconds from then on", () => {
    const bench = createBench();
    bench.tell(want("eth0"));
    bench.waitUntil(1);
    expect(bench.tell(hear(FIRST, 1_800))).toEqual(["1 RouterChanged eth0 fe80::1"]);
    expect(bench.tell(hear(FIRST, 1_800))).toEqual([]);
    expect(bench.waitUntil(25)).toEqual([
      "4 SendRouterAdvertisement eth0",
      "14 SendRouterAdvertisement eth0",
      "24 SendRouterAdvertisement eth0",
    ]);
  });

  it("counts as there for thirty seconds, or as long as it says, and is searched for when that is over", () => {
    const bench = createBench();
    bench.tell(want("eth0"));
    bench.waitUntil(1);
    bench.tell(hear(FIRST, 40));
    expect(bench.waitUntil(35).filter((word) => word.includes("RouterChanged"))).toEqual([]);
    bench.tell(hear(FIRST, 0));
    expect(bench.waitUntil(65).filter((word) => !word.includes("Advertisement"))).toEqual([
      "65 RouterChanged eth0 null",
      "65 SendRouterSolicitation eth0",
    ]);
  });

  it("stays the first that was heard while it is heard, and is the other one after that", () => {
    const bench = createBench();
    bench.tell(want("eth0"));
    bench.waitUntil(1);
    bench.tell(hear(FIRST));
    expect(bench.tell(hear(SECOND, 1_800))).toEqual([]);
    expect(bench.waitUntil(31).filter((word) => word.includes("RouterChanged"))).toEqual([
      "31 RouterChanged eth0 fe80::2",
    ]);
  });

  it("is heard by nobody on an interface that is not wanted", () => {
    const bench = createBench();
    bench.tell(want("eth0", "eth1", "eth0"));
    expect(bench.tell(want("eth1"))).toEqual(["0 StopListening eth0"]);
    expect(bench.tell(hear(FIRST))).toEqual([]);
    expect(bench.tell(hear(FIRST, 0, "eth1"))).toEqual(["0 RouterChanged eth1 fe80::1"]);
    expect(bench.tell(want())).toEqual(["0 StopListening eth1"]);
    expect(bench.waitUntil(60)).toEqual([]);
  });

  it("is one of eight at most that are remembered", () => {
    let { state } = machine.step(createRouterDiscoveryState(), want("eth0"), instant(0));
    for (let n = 1; n <= 1_000; n++)
      ({ state } = machine.step(state, hear(`fe80::${n.toString(16)}` as Ipv6Address), instant(0)));
    expect(state.get("eth0")?.heard.size).toBe(8);
  });
});

it("keeps the laws of machines from every state", () => {
  const searching = (): RouterDiscoveryState =>
    machine.step(createRouterDiscoveryState(), want("eth0", "eth1"), instant(0)).state;
  assertMachineLaws(machine, {
    starts: {
      idle: createRouterDiscoveryState,
      searching,
      found: () => machine.step(searching(), hear(FIRST), instant(0)).state,
      crowded: () =>
        machine.step(machine.step(searching(), hear(FIRST), instant(0)).state, hear(SECOND, 60), instant(0)).state,
    },
    events: fc.oneof(
      fc.subarray(["eth0", "eth1", "eth2"]).map((interfaces) => want(...interfaces)),
      fc
        .tuple(fc.constantFrom(FIRST, SECOND), fc.nat(65_535), fc.constantFrom("eth0", "eth1", "eth9"))
        .map(([source, lifetime, name]) => hear(source, lifetime, name)),
    ),
  });
});

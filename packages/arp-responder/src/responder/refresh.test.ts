import { type Instant, instant, type IpAddress, type MacAddress } from "@herald-lb/sansio";
import { hexOf, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANNOUNCE_INTERVAL, ANNOUNCE_NUM, DEFEND_DELAY } from "../constants.ts";
import type { Cadence } from "./cadence.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

const ADDRESS = "192.0.2.10" as IpAddress;
const INTERVAL = 60_000;
/** When the first announcements of an address are over. */
const BURST = (ANNOUNCE_NUM - 1) * ANNOUNCE_INTERVAL;
const eth0 = {
  index: 2,
  name: "eth0",
  hardwareAddress: "02:00:5e:00:53:01" as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: null,
};

function desired(cadence?: Cadence, addresses: readonly IpAddress[] = [ADDRESS], key = "default/web"): ResponderEvent {
  return { type: "AnnouncementDesired", key, addresses, interfaces: "all", ...(cadence && { cadence }) };
}

const every = (refreshInterval: number | null): Cadence => ({ refreshInterval, form: "Both" });

/** A responder and the announcements that it sent, by their time. */
class Station {
  readonly state: ResponderState = createResponderState();
  readonly sent: {
    readonly at: number;
    readonly address: IpAddress;
    readonly cause: string | null;
    readonly octets: Uint8Array;
  }[] = [];

  constructor(...events: readonly ResponderEvent[]) {
    this.tell({ type: "InterfacesChanged", interfaces: [eth0] }, 0);
    for (const event of events) this.tell(event, 0);
  }

  tell(event: ResponderEvent, at: number): void {
    this.#take(responder.step(this.state, event, instant(at)).effects, at);
  }

  /** Lets time pass. */
  until(end: number): this {
    for (let due = this.#due(); due !== null && due <= end; due = this.#due())
      this.#take(responder.advance(this.state, due).effects, due);
    return this;
  }

  /** The times of the announcements for this cause, each once. */
  times(cause: string): readonly number[] {
    return [...new Set(this.sent.filter((each) => each.cause === cause).map(({ at }) => at))];
  }

  #due(): Instant | null {
    return responder.nextDeadline(this.state);
  }

  #take(effects: readonly ResponderEffect[], at: number): void {
    for (const effect of effects)
      if (effect.type === "SendFrame" && effect.purpose === "Announcement") this.sent.push({ at, ...effect });
  }
}

/** A claim of the address by another station. */
const claim = octetsFromHex("ffffffffffff02005e0053990806000108000604000102005e005399c000020a000000000000c000020a");

describe("refreshes", () => {
  it("are none without an interval", () => {
    expect(new Station(desired()).until(10 * INTERVAL).times("Refresh")).toEqual([]);
  });

  it("begin after the first announcements, and come once in three quarters of the interval to the whole", () => {
    const interval = fc.integer({ min: 1_000, max: 3_600_000 });
    fc.assert(
      fc.property(interval, fc.ipV4(), (refreshInterval, address) => {
        const station = new Station(desired(every(refreshInterval), [address as IpAddress]));
        const times = station.until(BURST + 10 * refreshInterval).times("Refresh");
        const pauses = times.slice(1).map((at, before) => at - (times[before] as number));
        expect(times[0]).toBeGreaterThanOrEqual(BURST);
        expect(times[0]).toBeLessThanOrEqual(BURST + refreshInterval);
        expect(pauses.length).toBeGreaterThanOrEqual(8);
        for (const pause of pauses) {
          expect(pause).toBeGreaterThanOrEqual(0.75 * refreshInterval - 0.01);
          expect(pause).toBeLessThanOrEqual(refreshInterval + 0.01);
        }
        expect(new Set(pauses).size).toBeGreaterThan(1);
      }),
      { numRuns: 50 },
    );
  });

  it("of a thousand addresses spread over the interval: each tenth has between half and twice its share", () => {
    const addresses = Array.from({ length: 1_000 }, (_, at) => `198.51.${at >> 8}.${at & 255}` as IpAddress);
    const station = new Station(desired(every(INTERVAL), addresses)).until(BURST + INTERVAL + 1_000);
    const tenths = new Map<number, number>();
    const first = new Map<IpAddress, number>();
    for (const { at, address, cause } of station.sent)
      if (cause === "Refresh" && !first.has(address)) first.set(address, at);
    expect(first.size).toBe(1_000);
    for (const at of first.values()) {
      const tenth = Math.floor((at - BURST) / (INTERVAL / 10));
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
    for (let tenth = 0; tenth < 10; tenth++) {
      expect(tenths.get(tenth)).toBeGreaterThan(50);
      expect(tenths.get(tenth)).toBeLessThan(200);
    }
  });

  it("follow the shortest interval that a key wants, and end with the last key that wants one", () => {
    const station = new Station(desired(every(INTERVAL)), desired(every(1_000), [ADDRESS], "default/other"));
    expect(station.until(BURST + 10_000).times("Refresh").length).toBeGreaterThanOrEqual(9);
    station.tell({ type: "AnnouncementGone", key: "default/other" }, BURST + 10_000);
    const before = station.times("Refresh").length;
    expect(station.until(BURST + 10_000 + 3 * INTERVAL).times("Refresh").length - before).toBeLessThanOrEqual(4);
    station.tell(desired(), BURST + 10_000 + 3 * INTERVAL);
    const last = station.times("Refresh").length;
    expect(last).toBeGreaterThan(before);
    expect(station.until(BURST + 20 * INTERVAL).times("Refresh")).toHaveLength(last);
  });

  it.each<readonly [string, ResponderEvent]>([
    ["gone", { type: "AnnouncementGone", key: "default/web" }],
    ["yielded", { type: "AnnouncementYielded", key: "default/web" }],
    ["handed over", { type: "HandoverStarted" }],
    ["without its interface", { type: "InterfacesChanged", interfaces: [] }],
    ["without its link", { type: "InterfacesChanged", interfaces: [{ ...eth0, carrier: false }] }],
  ])("end with the announcement: %s", (_, end) => {
    const station = new Station(desired(every(1_000))).until(BURST + 5_000);
    const before = station.times("Refresh").length;
    expect(before).toBeGreaterThan(3);
    station.tell(end, BURST + 5_000);
    expect(station.until(BURST + 60_000).times("Refresh")).toHaveLength(before);
  });
});

describe("the cause of an announcement", () => {
  it("is told: requested, a change of the interface, a defence", () => {
    const station = new Station(desired()).until(BURST);
    expect(station.times("Requested")).toHaveLength(ANNOUNCE_NUM);
    const moved = { ...eth0, hardwareAddress: "02:00:5e:00:53:02" as MacAddress };
    station.tell({ type: "InterfacesChanged", interfaces: [moved] }, BURST + 1);
    station.until(BURST + 1 + BURST);
    expect(station.times("InterfaceChanged")).toHaveLength(ANNOUNCE_NUM);
    station.tell({ type: "InterfacesChanged", interfaces: [{ ...moved, carrier: false }] }, 20_000);
    station.tell({ type: "InterfacesChanged", interfaces: [moved] }, 20_001);
    station.until(20_001 + BURST);
    expect(station.times("InterfaceChanged")).toHaveLength(2 * ANNOUNCE_NUM);
    station.tell({ type: "InterfacesChanged", interfaces: [{ ...moved, peerNotifications: 1 }] }, 26_000);
    station.until(26_000 + BURST);
    expect(station.times("InterfaceChanged")).toHaveLength(3 * ANNOUNCE_NUM);
    station.tell({ type: "FrameReceived", on: 2, octets: claim }, 31_000);
    station.until(40_000);
    expect(station.times("Defense")).toEqual([31_000 + DEFEND_DELAY]);
    expect(station.times("Requested")).toHaveLength(ANNOUNCE_NUM);
  });
});

describe("the form of an announcement", () => {
  it.each<readonly [Cadence["form"], readonly string[]]>([
    ["Both", ["0001", "0002"]],
    ["Request", ["0001"]],
    ["Reply", ["0002"]],
  ])("%s", (form, operations) => {
    const station = new Station(desired({ refreshInterval: null, form }));
    expect(station.sent.map(({ octets }) => hexOf(octets.subarray(20, 22)))).toEqual(operations);
  });

  it("is both where two keys want different ones", () => {
    const station = new Station(
      desired({ refreshInterval: null, form: "Request" }),
      desired({ refreshInterval: null, form: "Reply" }, [ADDRESS], "default/other"),
    );
    const before = station.sent.length;
    station.until(ANNOUNCE_INTERVAL);
    expect(station.sent.slice(before).map(({ octets }) => hexOf(octets.subarray(20, 22)))).toEqual(["0001", "0002"]);
  });
});

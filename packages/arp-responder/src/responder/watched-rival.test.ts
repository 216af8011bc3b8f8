import { prefixOf } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { DEFEND_DELAY, PROBE_AGAIN } from "../constants.ts";
import {
  Bench,
  claim,
  contested,
  interfaceOf,
  isSilent,
  OTHER,
  RIVAL,
  ROUND,
  VIP,
  VIP6,
  watched,
} from "./probing.test.fixture.ts";

const two = [interfaceOf(1), interfaceOf(2)];

describe("an address on which rivals are", () => {
  it("is contested while they have it on every interface, and not where it is announced or probed on one", () => {
    const bench = new Bench(two).probe().receive(claim(RIVAL)).wait(DEFEND_DELAY);
    expect(bench.isContested).toBe(false);
    bench.receive(claim(RIVAL), 2).wait(DEFEND_DELAY).receive(claim(RIVAL), 1);
    expect(bench.isContested).toBe(true);
    while (bench.now < 8_000) bench.receive(claim(RIVAL), 1).wait(500);
    expect([bench.isContested, bench.answers(2), bench.answers(1)]).toEqual([false, true, false]);
  });

  it("is contested when the interface on which it is announced is gone, and no more with the next", () => {
    const bench = new Bench(two).probe().receive(claim(RIVAL)).wait(ROUND);
    expect([bench.isContested, bench.answers(2)]).toEqual([false, true]);
    bench.event({ type: "InterfacesChanged", interfaces: [interfaceOf(1)] });
    expect(bench.isContested).toBe(true);
    bench.event({ type: "InterfacesChanged", interfaces: two });
    expect(bench.isContested).toBe(false);
  });

  it("is contested where they have it on its subnet, though it is announced on other networks", () => {
    const prefixes = [prefixOf(VIP, 24)];
    const bench = new Bench([{ ...interfaceOf(1), prefixes }, interfaceOf(2)])
      .probe()
      .receive(claim(RIVAL))
      .wait(ROUND);
    expect([bench.isContested, bench.answers(2), bench.answers(1)]).toEqual([true, true, false]);
    bench.event({ type: "InterfacesChanged", interfaces: two });
    expect(bench.isContested).toBe(false);
    const other = new Bench([interfaceOf(1), { ...interfaceOf(2), prefixes }])
      .probe()
      .receive(claim(RIVAL))
      .wait(ROUND);
    expect([other.isContested, other.answers(2)]).toEqual([false, true]);
  });

  it("is contested no more once the rival turns out to be a speaker, or nobody wants the address", () => {
    expect(contested().isContested).toBe(true);
    expect(contested().event({ type: "SpeakersChanged", speakers: new Map([["other", [RIVAL]]]) }).isContested).toBe(
      false,
    );
    expect(contested().event({ type: "AnnouncementGone", key: "web" }).isContested).toBe(false);
    expect(new Bench().announce("Yield").receive(claim(RIVAL)).wait(DEFEND_DELAY).isContested).toBe(true);
  });
});

describe("a rival that is watched", () => {
  it("is asked for although nobody wants the address, which is never announced, until it is gone", () => {
    const bench = watched();
    bench.take();
    for (let i = 0; i < 30; i++) {
      expect(isSilent(bench.wait(1_000).take())).toBe(true);
      bench.receive(claim(RIVAL));
    }
    expect(bench.isContested).toBe(true);
    const lines = bench.wait(PROBE_AGAIN + ROUND).take();
    expect(lines.at(-1)).toBe(`${bench.now} RivalGone on 1`);
    expect(isSilent(lines)).toBe(true);
    expect([bench.isContested, bench.state.announcements.size, bench.answers()]).toEqual([false, 0, false]);
  });

  it("is watched on each interface until it is gone from all", () => {
    const bench = watched(two);
    while (bench.now < 10_000) bench.wait(500).receive(claim(RIVAL), 2);
    expect(bench.take().filter((line) => line.includes("RivalGone"))).toHaveLength(1);
    expect(bench.isContested).toBe(true);
    bench.wait(PROBE_AGAIN + ROUND);
    expect([bench.isContested, bench.state.announcements.size]).toEqual([false, 0]);
  });

  it("is watched on by the node that found it when another node is to announce, and not without the wish", () => {
    for (const watchesRivals of [true, false]) {
      const bench = new Bench().event({
        type: "AnnouncementDesired",
        key: "web",
        addresses: [VIP, VIP6],
        interfaces: "all",
        tentative: [VIP, VIP6],
        watchesRivals,
      });
      bench.receive(claim(RIVAL)).wait(DEFEND_DELAY).event({ type: "AnnouncementYielded", key: "web" });
      expect([...bench.state.announcements.keys()]).toEqual(watchesRivals ? [VIP] : []);
      expect(bench.isContested).toBe(watchesRivals);
      bench.wait(20_000);
      expect([bench.state.announcements.size, bench.isContested]).toEqual([0, false]);
    }
  });

  it("is watched no more once this node hands over, or a speaker has the address", () => {
    const handedOver = watched().event({ type: "HandoverStarted" });
    const known = watched()
      .event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) })
      .receive(claim(RIVAL));
    known.event({ type: "SpeakersChanged", speakers: new Map([["other", [RIVAL]]]) }).receive(claim(RIVAL));
    for (const bench of [handedOver, known]) {
      expect(bench.isContested).toBe(false);
      expect(bench.wait(20_000).answers()).toBe(false);
    }
    expect(known.state.announcements.size).toBe(0);
  });

  it("is found again by a Service that wants the address, which is announced once the rival is gone", () => {
    const bench = watched();
    bench.take();
    bench.probe();
    expect(bench.take()).toEqual([]);
    bench.wait(PROBE_AGAIN + ROUND);
    expect([bench.isContested, bench.answers()]).toEqual([false, true]);
  });
});

import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { ANNOUNCE_INTERVAL, DEFEND_DELAY, PROBE_INTERVAL, PROBE_NUM } from "../constants.ts";
import { Bench, claim, interfaceOf, request, RIVAL, ROUND, VIP } from "./probing.test.fixture.ts";

const silent = (bench: Bench): Bench => bench.event({ type: "SilenceBegun" });
const answers = (bench: Bench): number => {
  const before = bench.frames.length;
  bench.receive(request);
  return bench.frames.length - before;
};

describe("a silent responder", () => {
  it("answers nothing, announces nothing and defends nothing, however long it lasts", () => {
    const bench = silent(new Bench().announce().wait(100).receive(claim(RIVAL)));
    const before = bench.frames.length;
    bench.wait(60_000).receive(claim(RIVAL));
    expect(answers(bench)).toBe(0);
    expect(bench.frames.length).toBe(before);
  });

  it("announces all of it five times, and answers, when it is over", () => {
    const bench = silent(new Bench().announce().wait(60_000));
    bench.wait(DEFEND_DELAY);
    const before = bench.frames.length;
    bench.event({ type: "SilenceEnded" });
    expect(answers(bench)).toBe(1);
    bench.wait(10 * ANNOUNCE_INTERVAL);
    // A Request and a Reply each.
    expect(bench.frames.length - before).toBe(1 + 5 * 2);
    bench.event({ type: "SilenceEnded" }).wait(10 * ANNOUNCE_INTERVAL);
    expect(bench.frames.length - before).toBe(1 + 5 * 2);
  });

  it("follows what is wanted and the interfaces, and announces at its end what is wanted by then", () => {
    const bench = silent(new Bench().announce().wait(60_000));
    const second = "192.0.2.11" as IpAddress;
    bench.event({ type: "AnnouncementGone", key: "web" });
    bench.event({ type: "AnnouncementDesired", key: "new", addresses: [second], interfaces: "all" });
    bench.event({ type: "InterfacesChanged", interfaces: [interfaceOf(1), interfaceOf(2)] });
    const before = bench.frames.length;
    bench.event({ type: "SilenceEnded" }).wait(10 * ANNOUNCE_INTERVAL);
    expect(bench.frames.length - before).toBe(2 * 5 * 2);
    expect([...bench.state.announcements.keys()]).toEqual([second]);
  });

  it("drops what it yielded: the successor has announced it meanwhile", () => {
    const bench = new Bench().announce().wait(60_000).event({ type: "AnnouncementYielded", key: "web" });
    expect(answers(bench)).toBe(1);
    silent(bench).event({ type: "SilenceEnded" });
    expect(answers(bench)).toBe(0);
    expect(bench.state.announcements.size).toBe(0);
  });

  it("begins a round of probes anew: a claim may have gone unheard", () => {
    const bench = silent(new Bench().probe().wait(PROBE_INTERVAL + 1));
    bench.wait(10 * ROUND).receive(claim(RIVAL));
    const before = bench.frames.length;
    bench.event({ type: "SilenceEnded" }).wait(ROUND - 1);
    expect(bench.frames.length - before).toBe(PROBE_NUM);
    expect(bench.state.announcements.get(VIP)?.on.size).toBe(0);
    bench.wait(1);
    expect(bench.state.announcements.get(VIP)?.on.size).toBe(1);
  });
});

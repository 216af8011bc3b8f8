import { describe, expect, it } from "vitest";
import { Bench, packetWith, sentPackets } from "./bfd.test.fixture.ts";
import { Diagnostic } from "./control-packet.ts";
import type { BfdEffect } from "./effect.ts";

/** The pauses between the packets of a session that is left alone for a while, heard all the time. */
function pauses(bench: Bench, milliseconds: number): readonly number[] {
  const at: number[] = [];
  const end = bench.now + milliseconds;
  while (bench.now < end) {
    const sent = sentPackets(bench.wait(1)).length;
    if (sent > 0) at.push(bench.now);
    if ((end - bench.now) % 20 === 0 && bench.view.state === "Up") bench.hear({ state: "Up" });
  }
  return at.slice(1).map((time, index) => time - (at[index] ?? 0));
}
const isLost = (effects: readonly BfdEffect[]): boolean =>
  effects.some(
    (effect) => effect.type === "SessionStateChanged" && effect.diagnostic === Diagnostic.ControlDetectionTimeExpired,
  );

describe("transmission", () => {
  it("takes 0.75 to 1 second while the session is not up, however short the interval is", () => {
    const bench = new Bench({ desiredMinTxInterval: 10 });
    expect(sentPackets(bench.wait(0))[0]).toMatchObject({
      desiredMinTxInterval: 1_000_000,
      requiredMinEchoRxInterval: 0,
    });
    const all = pauses(bench, 60_000);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(750);
    expect(Math.max(...all)).toBeLessThanOrEqual(1_001);
  });

  it.each([
    { detectMult: 3, most: 51 },
    { detectMult: 1, most: 46 },
  ])(
    "takes 75 % of the interval at least with a multiplier of $detectMult, and at most $most ms of 50",
    ({ detectMult, most }) => {
      const all = pauses(new Bench({ detectMult }).up(), 5_000);
      expect(all.length).toBeGreaterThan(90);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(37);
      expect(Math.max(...all)).toBeLessThanOrEqual(most);
      expect(new Set(all).size).toBeGreaterThan(3);
    },
  );

  it("keeps to the peer's longer interval, and stops where the peer wants none", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Up", requiredMinRxInterval: 400_000 });
    expect(bench.view.transmitInterval).toBe(400);
    bench.hear({ state: "Up", requiredMinRxInterval: 0 });
    expect(bench.view.transmitInterval).toBeNull();
    expect(sentPackets(bench.wait(140))).toEqual([]);
  });

  it("stops for a peer in Demand mode while both are up, and goes on with a Poll Sequence", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Up", demand: true, desiredMinTxInterval: 60_000_000 });
    expect(sentPackets(bench.wait(2_000))).toEqual([]);
    bench.desire({ desiredMinTxInterval: 80 });
    expect(sentPackets(bench.wait(200))[0]).toMatchObject({ poll: true });
  });

  it("of a passive side begins with the first packet of the peer", () => {
    const bench = new Bench({ role: "passive" });
    expect(bench.wait(5_000)).toEqual([]);
    expect(sentPackets(bench.receive(packetWith()))).toHaveLength(1);
  });

  it("re-arms at once when coming up shortens the interval from a second", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    bench.hear({ state: "Init" });
    expect(bench.view.state).toBe("Up");
    expect(sentPackets(bench.wait(50))).toHaveLength(1);
  });
});

describe("a Poll Sequence", () => {
  it("announces a longer interval of ours, which holds once the peer has answered with the F bit", () => {
    const bench = new Bench().up();
    bench.desire({ desiredMinTxInterval: 200 });
    expect(bench.view.transmitInterval).toBe(50);
    const [poll] = sentPackets(bench.wait(50));
    expect(poll).toMatchObject({ poll: true, desiredMinTxInterval: 200_000 });
    bench.hear({ state: "Up" });
    expect(bench.view.transmitInterval).toBe(50);
    bench.hear({ state: "Up", final: true });
    expect(bench.view.transmitInterval).toBe(200);
    expect(sentPackets(bench.wait(200))[0]).toMatchObject({ poll: false });
  });

  it("takes a shorter interval of ours at once", () => {
    const bench = new Bench({ desiredMinTxInterval: 400 }).up();
    bench.desire({ desiredMinTxInterval: 50 });
    expect(bench.view.transmitInterval).toBe(50);
  });

  it("lowers the detection time only once the peer sends faster", () => {
    const bench = new Bench({ requiredMinRxInterval: 300 }).up();
    expect(bench.view.detectionTime).toBe(900);
    bench.desire({ requiredMinRxInterval: 50 });
    expect(bench.view.detectionTime).toBe(900);
    bench.hear({ state: "Up", final: true });
    expect(bench.view.detectionTime).toBe(150);
  });
});

describe("detection", () => {
  it("takes the peer's multiplier times the longer of the peer's interval and ours", () => {
    const bench = new Bench({ requiredMinRxInterval: 20, detectMult: 9 }).up();
    bench.hear({ state: "Up", detectMult: 4, desiredMinTxInterval: 100_000 });
    expect(bench.view.detectionTime).toBe(400);
    expect(isLost(bench.wait(399))).toBe(false);
    expect(isLost(bench.wait(1))).toBe(true);
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 1, remoteDiscriminator: 0 });
  });

  it("loses a session in Init as well, and none in Down", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    expect(bench.view.state).toBe("Init");
    expect(isLost(bench.wait(151))).toBe(true);
    expect(isLost(bench.wait(60_000))).toBe(false);
  });

  it("does not count the host's own pause, and finds a peer that died meanwhile soon after", () => {
    const bench = new Bench().up();
    const effects = bench.wakeAfter(20_000);
    expect(effects[0]).toMatchObject({ type: "PauseNoticed" });
    expect(isLost(effects)).toBe(false);
    expect(isLost(bench.wait(149))).toBe(false);
    expect(isLost(bench.wait(2))).toBe(true);
  });

  it("goes on after a pause whose packets are read late", () => {
    const bench = new Bench().up();
    bench.wakeAfter(5_000);
    bench.hear({ state: "Up" });
    expect(isLost(bench.wait(149))).toBe(false);
    expect(bench.view.state).toBe("Up");
  });
});

describe("the end of a session", () => {
  it("is told to the peer as AdminDown for as long as it would need to detect a loss", () => {
    const bench = new Bench().up();
    const effects = bench.step({ type: "SessionsDesired", sessions: new Map() });
    expect(sentPackets(effects)).toMatchObject([{ state: "AdminDown", diagnostic: 7 }]);
    expect(sentPackets(bench.wait(3_000)).length).toBeGreaterThanOrEqual(2);
    expect(bench.wait(60_000)).toEqual([]);
    expect(bench.state.byDiscriminator.size).toBe(0);
  });

  it("says nothing to a peer that never answered", () => {
    const bench = new Bench();
    bench.wait(0);
    expect(sentPackets(bench.step({ type: "SessionsDesired", sessions: new Map() }))).toEqual([]);
    expect(bench.wait(60_000)).toEqual([]);
  });

  it("comes at once where its path is lost", () => {
    const bench = new Bench().up();
    expect(sentPackets(bench.step({ type: "PathLost", session: "b" }))).toMatchObject([
      { state: "Down", diagnostic: 5 },
    ]);
    expect(bench.step({ type: "PathLost", session: "b" })).toEqual([]);
  });

  it("by the administrator is told, and undone", () => {
    const bench = new Bench().up();
    expect(sentPackets(bench.desire({ administrativelyDown: true }))).toMatchObject([
      { state: "AdminDown", diagnostic: 7 },
    ]);
    expect(bench.hear({ state: "Up" })).toMatchObject([{ reason: "AdministrativelyDown" }]);
    bench.desire();
    expect(bench.up().view.state).toBe("Up");
  });
});

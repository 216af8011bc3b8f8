import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { ADDRESSES, Bench, bfdConfig, packetWith, sentPackets, sessionWith } from "./bfd.test.fixture.ts";
import { sessionsOf } from "./bfd-state.ts";
import type { SessionConfig } from "./config.ts";
import { createBfd, createBfdState } from "./machine.ts";

const wanting = (bench: Bench, sessions: Readonly<Record<string, SessionConfig>>): ReturnType<Bench["step"]> =>
  bench.step({ type: "SessionsDesired", sessions: new Map(Object.entries(sessions)) });
const keys = (bench: Bench): readonly string[] =>
  sessionsOf(bench.state).map(({ session, state }) => `${session} ${state}`);

describe("the table of sessions", () => {
  it("may be given again without a change: nothing is said, nothing changes", () => {
    const bench = new Bench().up();
    const before = bench.view;
    expect(bench.desire()).toEqual([]);
    expect(bench.view).toEqual(before);
  });

  it("leaves a session up whose intervals, multiplier, role, TTL, port or keys change", () => {
    const bench = new Bench().up();
    const { localDiscriminator } = bench.view;
    for (const changes of [
      { desiredMinTxInterval: 70 },
      { requiredMinRxInterval: 70 },
      { detectMult: 7 },
      { role: "passive" },
      { minimumTtl: 1 },
      { port: 3784 },
    ] as const) {
      expect(bench.desire(changes).filter(({ type }) => type === "SessionStateChanged")).toEqual([]);
      expect(bench.view).toMatchObject({ state: "Up", localDiscriminator });
    }
    expect(bench.wait(50)[0]).toMatchObject({ type: "SendPacket", port: 3784 });
  });

  it("replaces a session that gets another remote, and tells the old one", () => {
    const bench = new Bench().up();
    const { localDiscriminator } = bench.view;
    const effects = wanting(bench, { b: { ...sessionWith("b"), remote: ADDRESSES.outsider } });
    expect(effects).toMatchObject([
      { type: "SessionStateChanged", to: "AdminDown" },
      { type: "SendPacket", to: ADDRESSES.b },
    ]);
    expect(bench.view).toMatchObject({ state: "Down", remoteDiscriminator: 0 });
    expect(bench.view.localDiscriminator).not.toBe(localDiscriminator);
  });

  it("may swap the remotes of two sessions", () => {
    const bench = new Bench();
    const [b, outsider] = [sessionWith("b"), { ...sessionWith("b"), remote: ADDRESSES.outsider }];
    wanting(bench, { one: b, two: outsider });
    wanting(bench, { one: outsider, two: b });
    bench.receive(packetWith());
    expect(keys(bench)).toEqual(["one Down", "two Init"]);
    bench.receive(packetWith(), { from: ADDRESSES.outsider });
    expect(keys(bench)).toEqual(["one Init", "two Init"]);
  });

  it("forgets the address of a session that is gone", () => {
    const bench = new Bench().up();
    bench.step({ type: "SessionsDesired", sessions: new Map() });
    expect(bench.receive(packetWith())).toMatchObject([{ reason: "NoSession" }]);
    bench.wait(60_000);
    expect(bench.state.byAddress.size + bench.state.byDiscriminator.size).toBe(0);
    expect(bench.receive(packetWith())).toMatchObject([{ reason: "NoSession" }]);
  });

  it("ends a session ten seconds later at most, whatever its multiplier", () => {
    const bench = new Bench({ detectMult: 255 }).up();
    bench.step({ type: "SessionsDesired", sessions: new Map() });
    expect(sentPackets(bench.wait(9_999)).length).toBeGreaterThan(8);
    bench.wait(1);
    expect(bench.wait(600_000)).toEqual([]);
    expect(bench.state.byDiscriminator.size).toBe(0);
  });
});

describe("a lost path", () => {
  it("changes nothing in Down, in AdminDown, and for a session that is not there", () => {
    for (const bench of [new Bench(), new Bench({ administrativelyDown: true })]) {
      const before = bench.view;
      expect(bench.step({ type: "PathLost", session: "b" })).toEqual([]);
      expect(bench.step({ type: "PathLost", session: "another" })).toEqual([]);
      expect(bench.view).toEqual(before);
    }
  });

  it("takes down a session in Init", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    bench.step({ type: "PathLost", session: "b" });
    expect(bench.view).toMatchObject({ state: "Down", diagnostic: 5 });
  });
});

describe("a host that comes late", () => {
  it("is not taken for one that stood still within the tolerance", () => {
    const machine = createBfd(bfdConfig(1));
    for (const [late, expected] of [
      [10, ["SendPacket"]],
      [10.5, ["PauseNoticed", "SendPacket"]],
    ] as const) {
      const bench = new Bench().up();
      bench.hear({ state: "Up", desiredMinTxInterval: 1_000_000 });
      bench.wait(60);
      const due = machine.nextDeadline(bench.state) ?? bench.now;
      expect(bench.wakeAfter(due - bench.now + late).map(({ type }) => type)).toEqual(expected);
    }
  });

  it("never shortens a detection time by its pause", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Up", desiredMinTxInterval: 1_000_000 });
    bench.wakeAfter(100);
    expect(bench.wait(2_899).filter(({ type }) => type === "SessionStateChanged")).toEqual([]);
    expect(bench.wait(1)).toContainEqual(expect.objectContaining({ type: "SessionStateChanged", diagnostic: 1 }));
  });

  it("loses no session that has no peer", () => {
    const bench = new Bench();
    bench.wait(0);
    bench.wakeAfter(20_000);
    expect(bench.wait(5_000).every(({ type }) => type === "SendPacket")).toBe(true);
  });
});

describe("discriminators", () => {
  it("and jitter differ by the seed, and repeat with it", () => {
    const first = (seed: number): number => {
      const state = createBfdState(bfdConfig(seed));
      const sessions = new Map([["b", sessionWith("b")]]);
      createBfd(bfdConfig(seed)).step(state, { type: "SessionsDesired", sessions }, instant(0));
      return sessionsOf(state)[0]?.localDiscriminator ?? 0;
    };
    expect(first(1)).toBe(first(1));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => first(seed))).size).toBe(20);
  });
});

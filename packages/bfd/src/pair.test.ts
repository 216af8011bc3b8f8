import { createRandom } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { ADDRESSES, Bench, bfdConfig, packetWith, Pair, sessionWith } from "./bfd.test.fixture.ts";
import type { BfdAuthentication, BfdKey } from "./config.ts";
import { Diagnostic } from "./control-packet.ts";
import { createBfd, createBfdState } from "./machine.ts";
import { sessionsOf } from "./bfd-state.ts";

const key = (id: number): BfdKey => ({ id, secret: new Uint8Array(20).fill(id) });
const meticulous = (...keys: readonly [BfdKey, ...BfdKey[]]): BfdAuthentication => ({
  type: "MeticulousKeyedSha1",
  keys,
});

describe("two sides", () => {
  it("come up within a round trip once both want the session", () => {
    const pair = new Pair();
    pair.desire("a", {});
    pair.network.run(400);
    pair.desire("b", {});
    pair.network.run(10);
    expect(pair.view("a")?.state).toBe("Up");
    expect(pair.view("b")?.state).toBe("Up");
  });

  it.each([
    { a: "active", b: "passive", state: "Up" },
    { a: "passive", b: "passive", state: "Down" },
  ] as const)("$a and $b: $state", ({ a, b, state }) => {
    expect(new Pair().up({ role: a }, { role: b }).view("a")?.state).toBe(state);
  });

  it("agree on the slower of what one sends and the other takes, each way by itself", () => {
    const pair = new Pair().up(
      { desiredMinTxInterval: 20, requiredMinRxInterval: 200, detectMult: 5 },
      { desiredMinTxInterval: 100, requiredMinRxInterval: 60, detectMult: 3 },
    );
    expect(pair.view("a")).toMatchObject({ transmitInterval: 60, detectionTime: 3 * 200 });
    expect(pair.view("b")).toMatchObject({ transmitInterval: 200, detectionTime: 5 * 60 });
  });

  it("stay up for an hour, and while intervals change", () => {
    const pair = new Pair(3, { jitter: 5 }).up();
    pair.changes.length = 0;
    for (const interval of [300, 20, 1_000, 50]) {
      pair.desire("a", { desiredMinTxInterval: interval, requiredMinRxInterval: interval });
      pair.network.run(60_000);
      expect(pair.view("b")?.detectionTime).toBe(3 * Math.max(50, interval));
    }
    pair.network.run(3_600_000 / 4);
    expect(pair.changes).toEqual([]);
  });

  it("change their keys without leaving Up", () => {
    const pair = new Pair().up({ authentication: meticulous(key(1)) }, { authentication: meticulous(key(1)) });
    expect(pair.view("a")?.state).toBe("Up");
    pair.changes.length = 0;
    const steps = [meticulous(key(1), key(2)), meticulous(key(2), key(1)), meticulous(key(2))];
    for (const authentication of steps)
      for (const side of ["a", "b"] as const) {
        pair.desire(side, { authentication });
        pair.network.run(1_000);
      }
    expect(pair.changes).toEqual([]);
  });

  it("find that the other is gone in three intervals at most, and say why", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const pair = new Pair(seed).up();
      pair.network.run(seed * 7);
      const at = pair.network.clock.now();
      pair.network.kill("b");
      while (pair.view("a")?.state === "Up") pair.network.run(1);
      expect(pair.network.clock.now() - at).toBeLessThanOrEqual(152);
      expect(pair.network.clock.now() - at).toBeGreaterThanOrEqual(98);
      expect(pair.view("a")?.diagnostic).toBe(Diagnostic.ControlDetectionTimeExpired);
    }
  });

  it("tell a path that is broken one way: the deaf side detects it, and signals it to the other", () => {
    const pair = new Pair().up();
    pair.drops = (from) => from === "b";
    pair.network.run(200);
    expect(pair.view("a")).toMatchObject({ state: "Down", diagnostic: Diagnostic.ControlDetectionTimeExpired });
    expect(pair.view("b")).toMatchObject({ state: "Down", diagnostic: Diagnostic.NeighborSignaledSessionDown });
    pair.drops = () => false;
    pair.network.run(3_000);
    expect([pair.view("a")?.state, pair.view("b")?.state]).toEqual(["Up", "Up"]);
  });

  it("lose a session seldom where every tenth packet is lost, and find back", () => {
    let lost = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const pair = new Pair(seed).up();
      pair.network.conditions.loss = 0.1;
      pair.network.run(60_000);
      lost += pair.changes.filter((change) => change === "a Down").length;
      pair.network.conditions.loss = 0;
      pair.network.run(5_000);
      expect(pair.view("a")?.state).toBe("Up");
    }
    // Three in a row of 20 packets a second, and the third is late in one of several cases only.
    expect(lost).toBeLessThan(40);
  });

  it("come up again when one starts anew, with other discriminators and sequence numbers", () => {
    const authentication = meticulous(key(1));
    const pair = new Pair().up({ authentication }, { authentication });
    const before = pair.view("a")?.remoteDiscriminator;
    pair.start("b", 99);
    pair.desire("b", { authentication });
    pair.network.run(3_000);
    expect(pair.view("a")?.state).toBe("Up");
    expect(pair.view("a")?.remoteDiscriminator).not.toBe(before);
  });

  it("tell AdminDown as such, and no loss", () => {
    const pair = new Pair().up();
    pair.desire("b", { administrativelyDown: true });
    pair.network.run(5_000);
    expect(pair.view("a")).toMatchObject({
      state: "Down",
      remoteState: "AdminDown",
      diagnostic: Diagnostic.NeighborSignaledSessionDown,
      remoteDiagnostic: Diagnostic.AdministrativelyDown,
    });
  });
});

describe("an attacker", () => {
  it("changes no session by replaying packets under a key", () => {
    const authentication = meticulous(key(1));
    const pair = new Pair().up({ authentication }, { authentication });
    const recorded = pair.network.sent.filter(({ from }) => from === "b").map(({ message }) => message);
    pair.changes.length = 0;
    for (let round = 0; round < 20; round++) {
      for (const octets of recorded) pair.dispatch("a", pair.packetFrom("b", octets));
      pair.network.run(50);
    }
    expect(pair.changes).toEqual([]);
    expect(new Set(pair.ignored)).toEqual(new Set(["BadSequence"]));
  });

  it("changes no session by floods of forged packets, and takes no memory", () => {
    const authentication = meticulous(key(1));
    const pair = new Pair().up({ authentication }, { authentication });
    pair.changes.length = 0;
    const random = createRandom(5);
    const number = (): number => Math.floor(random() * 2 ** 32);
    for (let forged = 0; forged < 20_000; forged++) {
      const yourDiscriminator = forged % 3 === 0 ? (pair.view("a")?.localDiscriminator ?? 0) : number();
      const octets = packetWith({
        state: forged % 2 === 0 ? "Down" : "AdminDown",
        myDiscriminator: number(),
        yourDiscriminator,
      });
      const event = pair.packetFrom("b", octets);
      pair.dispatch("a", forged % 5 === 0 ? { ...event, from: ADDRESSES.outsider } : event);
      if (forged % 100 === 0) pair.network.run(5);
    }
    expect(pair.changes).toEqual([]);
    expect(pair.view("a")?.state).toBe("Up");
  });
});

describe("one machine", () => {
  it("holds 300 sessions, each with a discriminator of its own", () => {
    const machine = createBfd(bfdConfig(4));
    const state = createBfdState(bfdConfig(4));
    const bench = new Bench();
    const sessions = new Map(
      Array.from({ length: 300 }, (_, at) => [
        `s${at}`,
        { ...sessionWith("b"), remote: `198.51.100.${at % 250}`, hops: "single" as const, interface: at },
      ]),
    );
    machine.step(state, { type: "SessionsDesired", sessions: sessions as never }, bench.now);
    const views = sessionsOf(state);
    expect(new Set(views.map(({ localDiscriminator }) => localDiscriminator)).size).toBe(300);
    expect(views.every(({ localDiscriminator }) => localDiscriminator > 0)).toBe(true);
    const { effects } = machine.advance(state, bench.now);
    expect(effects.filter(({ type }) => type === "SendPacket")).toHaveLength(300);
    expect(machine.nextDeadline(state)).toBeGreaterThanOrEqual(bench.now + 750);
  });
});

import { type Driver, instant, type IpAddress } from "@herald-lb/sansio";
import { createVirtualNetwork, type VirtualNetwork } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { ADDRESSES, bfdConfig, packetWith, type Side, sessionWith } from "./bfd.test.fixture.ts";
import { type BfdState, sessionsOf } from "./bfd-state.ts";
import type { SessionConfig } from "./config.ts";
import type { BfdEffect } from "./effect.ts";
import type { BfdEvent } from "./event.ts";
import { createBfd, createBfdState } from "./machine.ts";

const COUNT = 300;

interface Datagram {
  readonly octets: Uint8Array;
  readonly interface: number | null;
}

/** Two machines with a session on each of 300 links between them. */
class Machines {
  readonly network: VirtualNetwork<Datagram> = createVirtualNetwork<Datagram>({ seed: 3, conditions: { jitter: 2 } });
  readonly lost: string[] = [];
  readonly ignored = new Set<string>();
  readonly cut = new Set<number | null>();
  readonly #drivers: Readonly<Record<Side, Driver<BfdState, BfdEvent>>>;

  constructor() {
    this.#drivers = { a: this.#join("a", 1), b: this.#join("b", 2) };
  }

  #join(side: Side, seed: number): Driver<BfdState, BfdEvent> {
    return this.network.join<BfdState, BfdEvent, BfdEffect>({
      name: side,
      machine: createBfd(bfdConfig(seed)),
      initial: createBfdState(bfdConfig(seed)),
      deliver: (from, { octets, interface: on }) => ({
        type: "PacketReceived",
        octets,
        from: ADDRESSES[from as Side],
        hops: "single",
        interface: on,
        ttl: 255,
      }),
      perform: (effect, send) => {
        if (effect.type === "SendPacket" && !this.cut.has(effect.interface))
          send(side === "a" ? "b" : "a", { octets: effect.octets, interface: effect.interface });
        if (effect.type === "SessionStateChanged" && effect.from === "Up") this.lost.push(`${side} ${effect.session}`);
        if (effect.type === "Ignored") this.ignored.add(effect.reason);
        if (effect.type === "PauseNoticed") throw new Error("the network is on time");
      },
    });
  }

  /** Wants the sessions of some interfaces, with intervals that differ. */
  desire(side: Side, interfaces: readonly number[]): void {
    const session = (on: number): SessionConfig => ({
      ...sessionWith(side === "a" ? "b" : "a"),
      hops: "single",
      port: 3784,
      minimumTtl: 255,
      interface: on,
      desiredMinTxInterval: 50 + (on % 7) * 25,
      requiredMinRxInterval: 50 + (on % 5) * 30,
    });
    const sessions = new Map(interfaces.map((on) => [`link${on}`, session(on)]));
    this.#drivers[side].dispatch({ type: "SessionsDesired", sessions });
  }

  state(side: Side): BfdState {
    return this.#drivers[side].state;
  }

  ups(side: Side): number {
    return sessionsOf(this.state(side)).filter(({ state }) => state === "Up").length;
  }
}

const all = Array.from({ length: COUNT }, (_, at) => at + 1);
const up = (): Machines => {
  const machines = new Machines();
  for (const side of ["a", "b"] as const) machines.desire(side, all);
  machines.network.run(5_000);
  // Without sequence numbers a Down that a later packet overtook takes down a session that is just coming up.
  machines.lost.length = 0;
  return machines;
};

describe(`${COUNT} sessions in one machine`, () => {
  it("come up and stay up, each with the intervals of its own", () => {
    const machines = up();
    expect([machines.ups("a"), machines.ups("b")]).toEqual([COUNT, COUNT]);
    machines.network.run(10_000);
    expect(machines.lost).toEqual([]);
    expect(machines.ignored).toEqual(new Set());
    for (const { session, detectionTime } of sessionsOf(machines.state("a"))) {
      const on = Number(session.slice(4));
      expect(detectionTime).toBe(3 * Math.max(50 + (on % 5) * 30, 50 + (on % 7) * 25));
    }
  });

  it("have a next deadline that is never later than any timer, and hold no more deadlines than they need", () => {
    const machines = up();
    const machine = createBfd(bfdConfig(1));
    for (let round = 0; round < 300; round++) {
      machines.network.run(3);
      const state = machines.state("a");
      const timers = [...state.sessions.values()].map(({ transmitTimer, detectionTimer }) =>
        Math.min(transmitTimer ?? Infinity, detectionTimer ?? Infinity),
      );
      const next = machine.nextDeadline(state) ?? Infinity;
      expect(next).toBeLessThanOrEqual(Math.min(...timers));
      expect(next).toBeGreaterThan(machines.network.clock.now());
    }
    expect(machines.state("a").deadlines.due.size).toBe(COUNT);
    expect(machines.state("a").deadlines.heap.length).toBeLessThan(3 * COUNT);
  });

  it("are lost one by one: a cut link takes its own session down and no other", () => {
    const machines = up();
    machines.cut.add(17).add(230);
    machines.network.run(1_000);
    expect([...machines.lost].sort()).toEqual(["a link17", "a link230", "b link17", "b link230"]);
    machines.cut.clear();
    machines.network.run(5_000);
    expect(machines.ups("a")).toBe(COUNT);
  });

  it("are lost all at once with their peer, each in its own detection time", () => {
    const machines = up();
    machines.network.kill("b");
    machines.network.run(151);
    const soon = machines.lost.length;
    expect(soon).toBeGreaterThan(0);
    expect(soon).toBeLessThan(COUNT);
    machines.network.run(3 * 200);
    expect(machines.lost).toHaveLength(COUNT);
  });

  it("go and come without a flap of the others, and leave nothing behind", () => {
    const machines = up();
    const few = all.filter((on) => on % 3 === 0);
    for (const side of ["a", "b"] as const) machines.desire(side, few);
    const removed = new Set(all.filter((on) => on % 3 !== 0).map((on) => `link${on}`));
    machines.network.run(15_000);
    expect(machines.lost.every((each) => removed.has(each.slice(2)))).toBe(true);
    expect(machines.state("a").byDiscriminator.size).toBe(few.length);
    expect(machines.state("a").byAddress.size).toBe(few.length);
    expect(machines.ups("a")).toBe(few.length);
  });
});

describe("a flood", () => {
  it("of packets that belong to no session leaves the state as large as it was", () => {
    const machine = createBfd(bfdConfig(1));
    const state = createBfdState(bfdConfig(1));
    const sessions = new Map([["b", sessionWith("b")]]);
    machine.step(state, { type: "SessionsDesired", sessions }, instant(0));
    const sizes = (): readonly number[] => [
      state.sessions.size,
      state.byAddress.size,
      state.byDiscriminator.size,
      state.deadlines.heap.length,
      state.deadlines.due.size,
    ];
    const before = sizes();
    for (let at = 0; at < 5_000; at++) {
      const octets = packetWith({ myDiscriminator: at + 1, yourDiscriminator: at % 2 === 0 ? 0 : at });
      const from = `198.51.100.${at % 250}` as IpAddress;
      machine.step(
        state,
        { type: "PacketReceived", octets, from, hops: "multi", interface: null, ttl: 255 },
        instant(0),
      );
    }
    expect(sizes()).toEqual(before);
  });
});

describe("sessions that came up at different times", () => {
  it("come to send together, so that the host wakes up once for all of them", () => {
    const config = bfdConfig(4);
    const machine = createBfd(config);
    const state = createBfdState(config);
    const sessions = new Map<string, SessionConfig>();
    const sent = new Map<string, number[]>();
    const wakes: number[] = [];
    const note = (effects: readonly BfdEffect[], now: number): void => {
      for (const effect of effects)
        if (effect.type === "SendPacket") sent.set(effect.session, [...(sent.get(effect.session) ?? []), now]);
    };
    const hear = (now: number): void => {
      for (const { key, localDiscriminator, config: own } of state.sessions.values())
        for (const each of ["Down", "Init", "Up"] as const) {
          const fields = { yourDiscriminator: each === "Down" ? 0 : localDiscriminator, state: each };
          if (each !== "Up" && sessionsOf(state).some((view) => view.session === key && view.state === "Up")) continue;
          const octets = packetWith({ ...fields, myDiscriminator: 77 });
          const event = { type: "PacketReceived", octets, from: own.remote, hops: own.hops } as const;
          note(machine.step(state, { ...event, interface: own.interface, ttl: 255 }, instant(now)).effects, now);
        }
    };
    for (let tick = 0; tick < 20 * 2_500; tick++) {
      const now = tick / 20;
      if (now % 57 === 0 && sessions.size < 6) {
        const on = sessions.size + 1;
        sessions.set(`link${on}`, { ...sessionWith("b"), hops: "single", interface: on, minimumTtl: 255 });
        note(machine.step(state, { type: "SessionsDesired", sessions: new Map(sessions) }, instant(now)).effects, now);
      }
      if (now % 20 === 0) hear(now);
      if ((machine.nextDeadline(state) ?? Infinity) > now) continue;
      wakes.push(now);
      note(machine.advance(state, instant(now)).effects, now);
    }
    const late = (times: readonly number[]): readonly number[] => times.filter((time) => time >= 1_500);
    const packets = [...sent.values()].flatMap(late).length;
    expect(packets).toBeGreaterThanOrEqual(6 * 20);
    expect(packets).toBeLessThanOrEqual(6 * 27);
    expect(late(wakes).length).toBeLessThanOrEqual(28);
    for (const times of sent.values()) {
      const pauses = late(times)
        .slice(1)
        .map((time, index) => time - (late(times)[index] ?? 0));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(37.4);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(50.1);
      expect(new Set(pauses).size).toBeGreaterThan(3);
    }
  });
});

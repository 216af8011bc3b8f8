import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDriver, type Driver, type Instant, instant, type Machine } from "./index.ts";
import { assertMachineLaws, createVirtualClock, createVirtualNetwork } from "./testing/index.ts";

interface Countdown {
  readonly left: number;
  readonly next: Instant | null;
}
type Ask = { readonly type: "Start"; readonly count: number } | { readonly type: "Stop" };

/** Ticks `count` times, 10 ms apart: as small as a machine with a timer can be. */
const countdown: Machine<Countdown, Ask, string> = {
  step(state, event, now) {
    if (event.type === "Stop") return { state: { ...state, next: null }, effects: [] };
    return { state: { left: event.count, next: event.count > 0 ? instant(now + 10) : null }, effects: ["started"] };
  },
  advance(state, now) {
    if (state.next === null || now < state.next) return { state, effects: [] };
    const left = state.left - 1;
    return { state: { left, next: left > 0 ? instant(now + 10) : null }, effects: [`tick ${left}`] };
  },
  nextDeadline: (state) => state.next,
};
const idle: Countdown = { left: 0, next: null };

describe("createDriver", () => {
  it("performs effects in order and wakes at each deadline", () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    const driver = createDriver({
      machine: countdown,
      initial: idle,
      clock,
      perform: (effect) => void seen.push(`${clock.now()} ${effect}`),
    });
    driver.dispatch({ type: "Start", count: 3 });
    clock.advanceBy(100);
    expect(seen).toEqual(["0 started", "10 tick 2", "20 tick 1", "30 tick 0"]);
    expect(clock.nextWake()).toBeNull();
  });

  it("queues what is dispatched while effects are performed", () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    const driver = createDriver({
      machine: countdown,
      initial: idle,
      clock,
      perform(effect) {
        if (effect === "tick 1") driver.dispatch({ type: "Start", count: 1 });
        seen.push(effect);
      },
    });
    driver.dispatch({ type: "Start", count: 2 });
    clock.advanceBy(100);
    expect(seen).toEqual(["started", "tick 1", "started", "tick 0"]);
  });

  it("is silent once stopped", () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    const driver = createDriver({
      machine: countdown,
      initial: idle,
      clock,
      perform: (effect) => void seen.push(effect),
    });
    driver.dispatch({ type: "Start", count: 5 });
    driver.stop();
    driver.dispatch({ type: "Start", count: 5 });
    clock.advanceBy(100);
    expect(seen).toEqual(["started"]);
    expect(clock.nextWake()).toBeNull();
  });
});

const asks = fc.oneof(
  fc.record({ type: fc.constant("Start" as const), count: fc.nat({ max: 5 }) }, { noNullPrototype: true }),
  fc.constant<Ask>({ type: "Stop" }),
);
const starts = { idle: () => idle, running: () => ({ left: 3, next: instant(10) }) };

describe("assertMachineLaws", () => {
  it("is content with a machine that keeps them", () => {
    assertMachineLaws(countdown, { starts, events: asks });
  });

  const broken: readonly {
    readonly name: string;
    readonly machine: Machine<Countdown, Ask, string>;
    readonly law: RegExp;
  }[] = [
    {
      name: "throws",
      machine: {
        ...countdown,
        step: () => {
          throw new Error("boom");
        },
      },
      law: /boom/,
    },
    {
      name: "changes its input",
      machine: {
        ...countdown,
        step(state) {
          (state as { left: number }).left = 99;
          return { state, effects: [] };
        },
      },
      law: /changed its input/,
    },
    {
      name: "does not move its deadline on",
      machine: { ...countdown, advance: (state) => ({ state, effects: [] }) },
      law: /did not move on/,
    },
    {
      name: "works before its deadline",
      machine: { ...countdown, advance: (state) => ({ state, effects: ["early"] }) },
      law: /before the deadline/,
    },
    {
      name: "has a deadline that is no number",
      machine: { ...countdown, nextDeadline: () => instant(Number.NaN) },
      law: /finite/,
    },
    {
      name: "draws lots",
      machine: { ...countdown, step: (state) => ({ state, effects: [`${Math.random()}`] }) },
      law: /other effects/,
    },
  ];
  it.each(broken)("catches a machine that $name", ({ machine, law }) => {
    expect(() => assertMachineLaws(machine, { starts, events: asks })).toThrow(law);
  });
});

type Talk = { readonly say: string } | { readonly received: string };

describe("createVirtualNetwork", () => {
  /** Sends its own name to a peer when asked, and keeps what it hears. */
  const talker: Machine<readonly string[], Talk, string> = {
    step: (state, event) =>
      "say" in event ? { state, effects: [event.say] } : { state: [...state, event.received], effects: [] },
    advance: (state) => ({ state, effects: [] }),
    nextDeadline: () => null,
  };
  const build = (conditions: { delay?: number; jitter?: number; loss?: number }, count: number): readonly string[] => {
    const network = createVirtualNetwork<string>({ seed: 7, conditions });
    const join = (name: string, peer: string): Driver<readonly string[], Talk> =>
      network.join<readonly string[], Talk, string>({
        name,
        machine: talker,
        initial: [],
        deliver: (_from, message) => ({ received: message }),
        perform: (effect, send) => send(peer, effect),
      });
    const a = join("a", "b");
    const b = join("b", "a");
    for (let index = 0; index < count; index++) {
      a.dispatch({ say: `${index}` });
      network.run(1);
    }
    network.run(1_000);
    return b.state;
  };

  it("delivers in order without jitter", () => {
    expect(build({ delay: 5 }, 5)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("reorders with jitter and loses a share", () => {
    const reordered = build({ delay: 5, jitter: 20 }, 50);
    expect(reordered).toHaveLength(50);
    expect(reordered).not.toEqual(reordered.toSorted((x, y) => Number(x) - Number(y)));
    const lossy = build({ loss: 0.5 }, 200).length;
    expect(lossy).toBeGreaterThan(50);
    expect(lossy).toBeLessThan(150);
  });
});

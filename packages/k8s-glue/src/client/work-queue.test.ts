import { instant } from "@herald-lb/sansio";
import { assertMachineLaws, createVirtualClock } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultRateLimits } from "./rate-limiter.ts";
import { createWorkQueueMachine, emptyWorkQueue, type WorkQueueConfig, type WorkQueueEvent } from "./work-queue.ts";
import { createWorkQueue, type ReconcileResult } from "./worker.ts";

const config: WorkQueueConfig = { concurrency: 2, limits: { baseDelay: 5, maxDelay: 1_000, rate: 10, burst: 3 } };
const machine = createWorkQueueMachine<string>(config);
type Event = WorkQueueEvent<string>;

const key = fc.constantFrom("a", "b", "c", "d");
const event: fc.Arbitrary<Event> = fc.oneof(
  key.map((made): Event => ({ type: "Added", key: made })),
  key.map((made): Event => ({ type: "AddedFirst", key: made })),
  fc
    .tuple(key, fc.integer({ min: -1, max: 2_000 }))
    .map(([made, delay]): Event => ({ type: "AddedAfter", key: made, delay })),
  key.map((made): Event => ({ type: "AddedRateLimited", key: made })),
  key.map((made): Event => ({ type: "Forgotten", key: made })),
  key.map((made): Event => ({ type: "Done", key: made })),
  { weight: 1, arbitrary: fc.boolean().map((drain): Event => ({ type: "ShutDown", drain })) },
);

function after(...events: readonly Event[]): () => ReturnType<typeof emptyWorkQueue<string>> {
  return () =>
    events.reduce(
      (state, each) => machine.step(state, each, instant(0)).state,
      emptyWorkQueue<string>(config, instant(0)),
    );
}

describe("the work queue's machine", () => {
  it("keeps the laws of a machine", () => {
    const starts = {
      empty: after(),
      busy: after(
        { type: "Added", key: "a" },
        { type: "Added", key: "b" },
        { type: "Added", key: "c" },
        { type: "Added", key: "a" },
      ),
      urgent: after(
        { type: "Added", key: "a" },
        { type: "Added", key: "b" },
        { type: "Added", key: "c" },
        { type: "AddedFirst", key: "a" },
        { type: "AddedFirst", key: "d" },
      ),
      delayed: after({ type: "AddedAfter", key: "a", delay: 50 }, { type: "AddedRateLimited", key: "b" }),
      draining: after({ type: "Added", key: "a" }, { type: "ShutDown", drain: true }),
    };
    assertMachineLaws(machine, { starts, events: event, inPlace: true });
  });

  it("takes first what was added first, also what is in processing just then", () => {
    let state = after(
      { type: "Added", key: "a" },
      { type: "Added", key: "b" },
      { type: "Added", key: "c" },
      { type: "Added", key: "d" },
      { type: "AddedFirst", key: "d" },
      { type: "AddedFirst", key: "a" },
    )();
    const taken: string[] = [];
    for (const done of ["a", "b", "d", "a"]) {
      const step = machine.step(state, { type: "Done", key: done }, instant(0));
      state = step.state;
      for (const effect of step.effects) if (effect.type === "Process") taken.push(effect.key);
    }
    expect(taken).toEqual(["d", "a", "c"]);
    expect([...state.urgent]).toEqual([]);
  });

  it("never processes a key twice at a time, never too many, and forgets no addition", () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state = emptyWorkQueue<string>(config, instant(0));
        let now = 0;
        const processing = new Set<string>();
        const pending = new Set<string>();
        let open = true;
        const see = (effects: readonly { type: string; key?: string }[]): void => {
          for (const effect of effects) {
            if (effect.type !== "Process" || effect.key === undefined) continue;
            expect(processing.has(effect.key)).toBe(false);
            processing.add(effect.key);
            pending.delete(effect.key);
            expect(processing.size).toBeLessThanOrEqual(2);
          }
        };
        const run = (given: Event): void => {
          if (given.type === "ShutDown") open = false;
          if (given.type === "ShutDown" && !given.drain) pending.clear();
          if (open && (given.type === "Added" || given.type === "AddedAfter" || given.type === "AddedRateLimited"))
            pending.add(given.key);
          if (given.type === "Done") processing.delete(given.key);
          const step = machine.step(state, given, instant(now));
          state = step.state;
          see(step.effects);
        };
        for (const each of events) run(each);
        // A queue that is shut down gives up what was delayed.
        if (!open) return;
        for (let turn = 0; turn < 200; turn++) {
          for (const each of processing) run({ type: "Done", key: each });
          now += 1_000;
          const step = machine.advance(state, instant(now));
          state = step.state;
          see(step.effects);
        }
        expect([...pending]).toEqual([]);
      }),
    );
  });

  it("brings the earlier of two delays", () => {
    const state = after(
      { type: "AddedAfter", key: "a", delay: 50 },
      { type: "AddedAfter", key: "a", delay: 20 },
      { type: "AddedAfter", key: "a", delay: 90 },
    )();
    expect(machine.nextDeadline(state)).toBe(20);
    expect(machine.advance(state, instant(20)).effects).toEqual([{ type: "Process", key: "a" }]);
    expect(machine.nextDeadline(state)).toBeNull();
  });

  it("brings many delays in order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1 }), (delays) => {
        const wide = createWorkQueueMachine<number>({ ...config, concurrency: 1_000 });
        const state = emptyWorkQueue<number>(config, instant(0));
        for (const delay of delays) wide.step(state, { type: "AddedAfter", key: delay, delay }, instant(0));
        const { effects } = wide.advance(state, instant(1_000));
        expect(effects.map((effect) => (effect.type === "Process" ? effect.key : null))).toEqual(
          delays.toSorted((a, b) => a - b),
        );
      }),
    );
  });

  it("doubles a key's delay, up to the most, until it is forgotten", () => {
    const wide = createWorkQueueMachine<string>({
      concurrency: 1,
      limits: { ...defaultRateLimits, maxDelay: 50, burst: 1_000 },
    });
    const state = emptyWorkQueue<string>(
      { concurrency: 1, limits: { ...defaultRateLimits, burst: 1_000 } },
      instant(0),
    );
    const delays: (number | null)[] = [];
    for (let failure = 0; failure < 6; failure++) {
      if (failure === 5) wide.step(state, { type: "Forgotten", key: "a" }, instant(0));
      wide.step(state, { type: "AddedRateLimited", key: "a" }, instant(0));
      const due = wide.nextDeadline(state);
      delays.push(due);
      wide.advance(state, instant(1_000));
      wide.step(state, { type: "Done", key: "a" }, instant(0));
    }
    expect(delays).toEqual([5, 10, 20, 40, 50, 5]);
  });

  it("slows all keys down once the burst is used up", () => {
    const state = emptyWorkQueue<string>(config, instant(0));
    for (const each of ["a", "b", "c", "d", "e"])
      machine.step(state, { type: "AddedRateLimited", key: each }, instant(0));
    expect([...state.delayed.due]).toEqual([
      ["a", 5],
      ["b", 5],
      ["c", 5],
      ["d", 100],
      ["e", 200],
    ]);
  });
});

describe("a work queue", () => {
  it("retries with back-off, and drains when it is shut down", async () => {
    const clock = createVirtualClock();
    const outcomes: ReconcileResult[] = [{ type: "Retry" }, { type: "RetryAfter", delay: 100 }, { type: "Done" }];
    const at: number[] = [];
    const queue = createWorkQueue<string>({
      clock,
      process: () => {
        at.push(clock.now());
        return outcomes.shift() ?? { type: "Done" };
      },
    });
    queue.add("a");
    await Promise.resolve();
    clock.advanceBy(5);
    await Promise.resolve();
    clock.advanceBy(100);
    await Promise.resolve();
    expect(at).toEqual([0, 5, 105]);
    expect(queue.isIdle()).toBe(true);
    queue.add("b");
    queue.add("c");
    await queue.shutDown(true);
    expect(at).toHaveLength(5);
    queue.add("d");
    expect(queue.isIdle()).toBe(true);
  });
});

import type { Lease } from "@herald-lb/k8s-glue/objects";
import { createDriver, type Driver, instant } from "@herald-lb/sansio";
import { assertMachineLaws, createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ApiError, localError } from "./api-error.ts";
import { defaultLeaseTimes, type LeaseEffect, type LeaseEvent, type LeaseState } from "./lease-state.ts";
import { createLeaseMachine, stoppedElector } from "./lease.ts";

const machine = createLeaseMachine({ ...defaultLeaseTimes, identity: "me", jitter: () => 0.5 });
const lease = (holderIdentity: string, resourceVersion = "1", leaseDurationSeconds = 15): Lease => ({
  metadata: { resourceVersion },
  spec: { holderIdentity, leaseDurationSeconds, leaseTransitions: 3 },
});
const refusal = (code: ApiError["code"], status: number): ApiError => ({
  code,
  status,
  reason: "",
  message: "",
  retryAfter: null,
});
const mine = { lease: lease("me"), since: instant(0) };

const states: Readonly<Record<string, () => LeaseState>> = {
  Stopped: () => stoppedElector,
  Asking: () => ({
    name: "Candidate",
    sequence: 1,
    observed: null,
    pending: { request: 1, sentAt: instant(0) },
    retryTimer: null,
  }),
  Waiting: () => ({
    name: "Candidate",
    sequence: 1,
    observed: { lease: lease("other"), since: instant(0) },
    pending: null,
    retryTimer: instant(2_000),
  }),
  Leading: () => ({
    name: "Leader",
    sequence: 1,
    observed: mine,
    renewDeadlineTimer: instant(10_000),
    pending: null,
    retryTimer: instant(2_000),
  }),
  Renewing: () => ({
    name: "Leader",
    sequence: 1,
    observed: mine,
    renewDeadlineTimer: instant(10_000),
    pending: { request: 1, sentAt: instant(2_000) },
    retryTimer: null,
  }),
  Releasing: () => ({
    name: "Releasing",
    sequence: 1,
    observed: mine,
    pending: { request: 1, sentAt: instant(0) },
    giveUpTimer: instant(2_000),
  }),
};

const request = fc.integer({ min: 1, max: 8 });
const holder = fc.constantFrom("", "me", "other");
const event: fc.Arbitrary<LeaseEvent> = fc.oneof(
  fc.constant<LeaseEvent>({ type: "Started" }),
  fc.constant<LeaseEvent>({ type: "Stopped" }),
  fc
    .tuple(request, fc.option(holder))
    .map(([made, who]): LeaseEvent => ({ type: "LeaseRead", request: made, lease: who === null ? null : lease(who) })),
  fc
    .tuple(request, holder)
    .map(([made, who]): LeaseEvent => ({ type: "LeaseWritten", request: made, lease: lease(who) })),
  fc
    .tuple(
      request,
      fc.constantFrom(refusal("Conflict", 409), refusal("NotFound", 404), localError("Unreachable", "", "")),
    )
    .map(([made, error]): LeaseEvent => ({ type: "RequestFailed", request: made, error })),
);

describe("the lease's machine", () => {
  it("keeps the laws of a machine from every state", () => {
    assertMachineLaws(machine, { starts: states, events: event });
  });

  const cases: readonly {
    name: string;
    from: keyof typeof states;
    event: LeaseEvent;
    at: number;
    to: object;
    effects: readonly object[];
  }[] = [
    {
      name: "creates a Lease that is not there",
      from: "Asking",
      event: { type: "LeaseRead", request: 1, lease: null },
      at: 5,
      to: { name: "Candidate" },
      effects: [{ type: "WriteLease", base: null, holderIdentity: "me", leaseTransitions: 0, acquired: true }],
    },
    {
      name: "takes one that was given back",
      from: "Asking",
      event: { type: "LeaseRead", request: 1, lease: lease("") },
      at: 5,
      to: { name: "Candidate" },
      effects: [{ type: "WriteLease", holderIdentity: "me", leaseTransitions: 4, acquired: true }],
    },
    {
      name: "leaves a held one alone, however old its times are",
      from: "Asking",
      event: { type: "LeaseRead", request: 1, lease: lease("other") },
      at: 5,
      to: { name: "Candidate", retryTimer: 5 + 2_000 * 1.6 },
      effects: [{ type: "LeaderObserved", identity: "other" }],
    },
    {
      name: "leads once its write is answered, from when it was sent",
      from: "Asking",
      event: { type: "LeaseWritten", request: 1, lease: lease("me") },
      at: 500,
      to: { name: "Leader", renewDeadlineTimer: 10_000, retryTimer: 2_500 },
      effects: [{ type: "LeadershipAcquired" }],
    },
    {
      name: "does not lead by an answer that comes too late",
      from: "Asking",
      event: { type: "LeaseWritten", request: 1, lease: lease("me") },
      at: 10_000,
      to: { name: "Candidate" },
      effects: [],
    },
    {
      name: "counts a renewal from when it was sent",
      from: "Renewing",
      event: { type: "LeaseWritten", request: 1, lease: lease("me") },
      at: 4_000,
      to: { name: "Leader", renewDeadlineTimer: 12_000 },
      effects: [],
    },
    {
      name: "keeps trying after a failed renewal",
      from: "Renewing",
      event: { type: "RequestFailed", request: 1, error: localError("Unreachable", "", "") },
      at: 4_000,
      to: { name: "Leader", renewDeadlineTimer: 10_000, retryTimer: 6_000 },
      effects: [],
    },
    {
      name: "looks who wrote after a conflict",
      from: "Renewing",
      event: { type: "RequestFailed", request: 1, error: refusal("Conflict", 409) },
      at: 4_000,
      to: { name: "Leader", renewDeadlineTimer: 10_000 },
      effects: [{ type: "ReadLease" }],
    },
    {
      name: "steps down at once when another holds it",
      from: "Renewing",
      event: { type: "LeaseRead", request: 1, lease: lease("other", "9") },
      at: 4_000,
      to: { name: "Candidate" },
      effects: [
        { type: "LeaderObserved", identity: "other" },
        { type: "LeadershipLost", because: "HeldByAnother" },
      ],
    },
    {
      name: "gives back what it holds when it stops",
      from: "Leading",
      event: { type: "Stopped" },
      at: 1_000,
      to: { name: "Releasing" },
      effects: [
        { type: "LeadershipLost", because: "Stopped" },
        { type: "WriteLease", holderIdentity: "", leaseDurationSeconds: 1, leaseTransitions: 3 },
      ],
    },
    {
      name: "asks for the version first when a renewal was under way",
      from: "Renewing",
      event: { type: "Stopped" },
      at: 3_000,
      to: { name: "Releasing" },
      effects: [{ type: "CancelRequest", request: 1 }, { type: "LeadershipLost" }, { type: "ReadLease" }],
    },
    {
      name: "has finished once the lease is given back",
      from: "Releasing",
      event: { type: "LeaseWritten", request: 1, lease: lease("") },
      at: 10,
      to: { name: "Stopped" },
      effects: [{ type: "Finished" }],
    },
    {
      name: "gives back nothing that another took meanwhile",
      from: "Releasing",
      event: { type: "LeaseRead", request: 1, lease: lease("other") },
      at: 10,
      to: { name: "Stopped" },
      effects: [{ type: "Finished" }],
    },
  ];
  for (const { name, from, event: given, at, to, effects } of cases) {
    it(name, () => {
      const step = machine.step(states[from]?.() ?? stoppedElector, given, instant(at));
      expect(step.state).toMatchObject(to);
      expect(step.effects).toHaveLength(effects.length);
      expect(step.effects).toMatchObject(effects);
    });
  }

  it("steps down by itself at the deadline, also after a pause beyond it", () => {
    for (const at of [10_000, 1_000_000]) {
      const step = machine.advance(states["Renewing"]?.() ?? stoppedElector, instant(at));
      expect(step.state.name).toBe("Candidate");
      expect(step.effects).toMatchObject([
        { type: "CancelRequest", request: 1 },
        { type: "LeadershipLost", because: "RenewDeadline" },
      ]);
    }
  });

  it("takes a held one only when it has not changed for the holder's own duration", () => {
    const waiting = states["Waiting"]?.() ?? stoppedElector;
    const read = (at: number, seen: Lease): readonly LeaseEffect[] => {
      const asked = machine.advance(waiting, instant(at));
      const number = asked.effects[0]?.type === "ReadLease" ? asked.effects[0].request : 0;
      return machine.step(asked.state, { type: "LeaseRead", request: number, lease: seen }, instant(at)).effects;
    };
    expect(read(14_999, lease("other"))).toEqual([]);
    expect(read(15_000, lease("other"))).toMatchObject([{ type: "WriteLease", holderIdentity: "me" }]);
    expect(read(15_000, lease("other", "2"))).toEqual([]);
  });
});

/** One server with one Lease, several contenders; requests and answers are late or lost, and contenders stand still. */
interface Contender {
  readonly identity: string;
  readonly driver: Driver<LeaseState, LeaseEvent>;
  readonly clock: VirtualClock;
}

function contend(seed: number, turns: number): { readonly overlaps: number; readonly terms: number } {
  const random = createRandom(seed);
  const world = createVirtualClock();
  let stored: Lease | null = null;
  let version = 0;
  let terms = 0;
  let overlaps = 0;

  const contenders = ["a", "b", "c"].map((identity): Contender => {
    const clock = createVirtualClock();
    const later = (run: () => void): void => {
      if (random() < 0.15) return;
      world.wakeAt(instant(world.now() + random() * (random() < 0.1 ? 12_000 : 300)), run);
    };
    const send = (request: number, serve: () => LeaseEvent): void => {
      let answered = false;
      const answer = (given: LeaseEvent): void => {
        if (answered) return;
        answered = true;
        driver.dispatch(given);
      };
      later(() => {
        const served = serve();
        later(() => answer(served));
      });
      world.wakeAt(instant(world.now() + 5_000), () =>
        answer({ type: "RequestFailed", request, error: localError("Timeout", "", "") }),
      );
    };
    const perform = (effect: LeaseEffect): void => {
      if (effect.type === "LeadershipAcquired") terms++;
      if (effect.type === "ReadLease")
        send(effect.request, () => ({ type: "LeaseRead", request: effect.request, lease: stored }));
      if (effect.type !== "WriteLease") return;
      const { request, base, holderIdentity, leaseDurationSeconds, leaseTransitions } = effect;
      send(request, () => {
        if ((stored?.metadata?.resourceVersion ?? null) !== (base?.metadata?.resourceVersion ?? null))
          return { type: "RequestFailed", request, error: refusal("Conflict", 409) };
        stored = {
          metadata: { resourceVersion: String(++version) },
          spec: { holderIdentity, leaseDurationSeconds, leaseTransitions },
        };
        return { type: "LeaseWritten", request, lease: stored };
      });
    };
    const driver: Driver<LeaseState, LeaseEvent> = createDriver<LeaseState, LeaseEvent, LeaseEffect>({
      machine: createLeaseMachine({ ...defaultLeaseTimes, identity, jitter: (sequence) => (sequence * 0.37) % 1 }),
      initial: stoppedElector,
      perform,
      clock,
    });
    driver.dispatch({ type: "Started" });
    return { identity, driver, clock };
  });

  // A contender stands still when its clock is not moved on; its time then jumps, as a process's does.
  const asleepUntil = new Map<Contender, number>();
  for (let turn = 0; turn < turns; turn++) {
    world.advanceBy(100);
    for (const contender of contenders) {
      if (world.now() < (asleepUntil.get(contender) ?? 0)) continue;
      if (random() < 0.002) asleepUntil.set(contender, world.now() + random() * 40_000);
      else contender.clock.advanceTo(world.now());
    }
    const open = contenders.filter(
      ({ driver }) => driver.state.name === "Leader" && world.now() < driver.state.renewDeadlineTimer,
    );
    if (open.length > 1) overlaps++;
  }
  return { overlaps, terms };
}

describe("three contenders over a bad network, with pauses", () => {
  it("never have two open fences, and always find a leader again", () => {
    let terms = 0;
    for (let seed = 1; seed <= 15; seed++) {
      const outcome = contend(seed, 3_000);
      expect(outcome.overlaps).toBe(0);
      terms += outcome.terms;
    }
    expect(terms).toBeGreaterThan(15);
  });
});

import type { Lease } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localError } from "./api-error.ts";
import { defaultLeaseTimes, type LeaseEffect, type LeaseEvent, type LeaseState } from "./lease-state.ts";
import { createLeaseMachine, stoppedElector } from "./lease.ts";
import { refusal } from "./refusal.test.fixture.ts";

const machine = createLeaseMachine({ ...defaultLeaseTimes, identity: "me", jitter: () => 0.5 });
const lease = (holderIdentity: string, resourceVersion = "1", leaseDurationSeconds = 15): Lease => ({
  metadata: { resourceVersion },
  spec: { holderIdentity, leaseDurationSeconds, leaseTransitions: 3 },
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
      fc.constantFrom(refusal(409, "Conflict"), refusal(404, "NotFound"), localError("Unreachable", "", "")),
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
      event: { type: "RequestFailed", request: 1, error: refusal(409, "Conflict") },
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

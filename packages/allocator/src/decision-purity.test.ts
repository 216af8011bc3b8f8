import { type Instant, instant } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESSES, demand, NAMES, pools, quotas } from "./histories.test.fixture.ts";
import { decideDemand, decideToAdopt } from "./decide/decide.ts";
import { poolVerdicts } from "./decide/pool-verdicts.ts";
import type { Pool } from "./index.ts";
import { AllocatorState } from "./state/allocator-state.ts";

/** A state that counts what it tells its observer. */
class ObservedState {
  changes = 0;
  readonly state: AllocatorState = new AllocatorState({
    slotChanged: () => void this.changes++,
    accountReleased: () => void this.changes++,
  });

  /** Everything that a decision may read: each address's bit, holders and release, the counts of pools and accounts. */
  snapshot(): unknown {
    const { state } = this;
    const slots = ADDRESSES.map((address) => {
      const slot = state.find(address);
      if (slot === null) return null;
      const { page, index, poolFamily, holders } = slot;
      return [
        page.isFree(index),
        page.releases,
        poolFamily?.reservedFor(address) ?? null,
        holders.map((each) => ({ ...each })),
      ];
    });
    const families = state.pools.families.map((family) => [
      family.held,
      family.available,
      family.coolsUntil,
      family.hasIdleReservations,
      [...family.leastRecentlyUsed].map(({ release }) => release),
      family.lowestFree([])?.address,
    ]);
    const { accountUsage, holders } = state.holdings;
    const usage = ["x", "y"].flatMap((account) => [null, ...NAMES].map((name) => accountUsage?.of(account, name)));
    const releases = [...state.releases].map(({ release, coolsUntil }) => [release, coolsUntil]);
    const held = [...holders].map(([service, { assignment }]) => [service, assignment]);
    return [slots, families, usage, releases, held, state.now, this.changes];
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("assign" as const), demand }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("release" as const), demand }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("configure" as const), pools, quotas }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), time: fc.nat({ max: 12 }) }) },
);

describe("a decision", () => {
  it("changes nothing, is the same when it is made again, and picks no address twice", () => {
    fc.assert(
      fc.property(pools, fc.array(step, { maxLength: 20 }), (initial: readonly Pool[], steps) => {
        const observed = new ObservedState();
        const { state } = observed;
        state.configure(initial, new Map());
        let now: Instant = instant(0);
        for (const next of steps) {
          if (next.type === "configure") state.configure(next.pools, next.quotas);
          else if (next.type === "wait") now = state.advance(instant(now + next.time));
          else if (next.type === "release") state.holdings.release(next.demand.service, now);
          else {
            const before = observed.snapshot();
            const decision = decideDemand(state, next.demand);
            decideToAdopt(state, next.demand);
            poolVerdicts(state, next.demand, decision);
            expect(observed.snapshot()).toEqual(before);
            expect(decideDemand(state, next.demand).outcome).toEqual(decision.outcome);
            const { assignment } = decision.outcome;
            expect(new Set(assignment?.addresses).size).toBe(assignment?.addresses.length ?? 0);
            if (assignment === null) state.holdings.release(next.demand.service, now);
            else state.holdings.hold(next.demand, assignment.pool, decision.slots, now);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

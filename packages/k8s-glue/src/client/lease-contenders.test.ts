import type { Lease } from "@herald-lb/k8s-glue/objects";
import { createDriver, type Driver, instant } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { localError } from "./api-error.ts";
import { defaultLeaseTimes, type LeaseEffect, type LeaseEvent, type LeaseState } from "./lease-state.ts";
import { createLeaseMachine, stoppedElector } from "./lease.ts";
import { refusal } from "./refusal.test.fixture.ts";

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
          return { type: "RequestFailed", request, error: refusal(409, "Conflict") };
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

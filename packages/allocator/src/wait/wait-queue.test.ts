import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitQueue } from "./wait-queue.ts";

describe("WaitQueue", () => {
  it("agrees with a list that is sorted at every wake", () => {
    const ticket = fc.nat({ max: 9 });
    const step = fc.oneof(
      fc.record({ type: fc.constantFrom("join" as const, "leave" as const), ticket }),
      fc.record({ type: fc.constantFrom("markDirty" as const, "wake" as const), ticket }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new WaitQueue();
        const model = new Map<number, "waiting" | "dirty" | "woken">();
        for (const next of steps) {
          if (next.type === "join") {
            if (model.has(next.ticket)) continue;
            queue.join(next.ticket);
            model.set(next.ticket, "waiting");
          } else if (next.type === "leave") {
            expect(queue.leave(next.ticket)).toBe(model.get(next.ticket) === "woken");
            model.delete(next.ticket);
          } else if (next.type === "markDirty") {
            queue.markDirty();
            for (const [each, state] of model) if (state === "waiting") model.set(each, "dirty");
          } else {
            const awake = [...model.values()].filter((state) => state === "woken").length;
            const dirty = [...model.keys()].filter((each) => model.get(each) === "dirty").toSorted((a, b) => a - b);
            const expected = dirty.slice(0, Math.max(next.ticket - awake, 0));
            expect(queue.wake(next.ticket)).toEqual(expected);
            for (const each of expected) model.set(each, "woken");
          }
          expect(queue.isEmpty).toBe(model.size === 0);
        }
      }),
    );
  });

  it("forgets waiters that came and left without being woken", () => {
    const queue = new WaitQueue();
    queue.join(-1);
    for (let ticket = 0; ticket < 1_000; ticket++) {
      queue.join(ticket);
      queue.markDirty();
      queue.leave(ticket);
    }
    queue.join(1_000);
    queue.markDirty();
    expect(queue.wake(3)).toEqual([-1, 1_000]);
  });
});

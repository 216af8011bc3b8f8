import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Line } from "./line.ts";

describe("Line", () => {
  it("agrees with a list that is sorted whenever somebody is woken", () => {
    const ticket = fc.nat({ max: 9 });
    const step = fc.oneof(
      fc.record({ type: fc.constantFrom("join" as const, "leave" as const), ticket }),
      fc.record({ type: fc.constantFrom("stir" as const, "wake" as const), ticket }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const line = new Line();
        const model = new Map<number, "resting" | "stirred" | "woken">();
        for (const next of steps) {
          if (next.type === "join") {
            if (model.has(next.ticket)) continue;
            line.join(next.ticket);
            model.set(next.ticket, "resting");
          } else if (next.type === "leave") {
            expect(line.leave(next.ticket)).toBe(model.get(next.ticket) === "woken");
            model.delete(next.ticket);
          } else if (next.type === "stir") {
            line.stir();
            for (const [each, standing] of model) if (standing === "resting") model.set(each, "stirred");
          } else {
            const awake = [...model.values()].filter((standing) => standing === "woken").length;
            const stirred = [...model.keys()].filter((each) => model.get(each) === "stirred").toSorted((a, b) => a - b);
            const expected = stirred.slice(0, Math.max(next.ticket - awake, 0));
            expect(line.wake(next.ticket)).toEqual(expected);
            for (const each of expected) model.set(each, "woken");
          }
          expect(line.isEmpty).toBe(model.size === 0);
        }
      }),
    );
  });

  it("forgets those who came and went without being woken", () => {
    const line = new Line();
    line.join(-1);
    for (let ticket = 0; ticket < 1_000; ticket++) {
      line.join(ticket);
      line.stir();
      line.leave(ticket);
    }
    line.join(1_000);
    line.stir();
    expect(line.wake(3)).toEqual([-1, 1_000]);
  });
});

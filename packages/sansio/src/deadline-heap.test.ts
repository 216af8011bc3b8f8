import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDeadline,
  clearDeadlines,
  createDeadlineHeap,
  earliestDeadline,
  removeDeadline,
  takeDue,
} from "./deadline-heap.ts";
import { instant } from "./machine.ts";

const key = fc.nat(12);
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("add" as const), key, at: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("remove" as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("take" as const), now: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("clear" as const) }) },
);

describe("a heap of deadlines", () => {
  it("is a map of the sooner deadline of each key, whose earliest is known", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const heap = createDeadlineHeap<number>();
        const model = new Map<number, number>();
        for (const each of changes) {
          if (each.type === "add") {
            addDeadline(heap, each.key, instant(each.at));
            model.set(each.key, Math.min(model.get(each.key) ?? Infinity, each.at));
          } else if (each.type === "remove") {
            removeDeadline(heap, each.key);
            model.delete(each.key);
          } else if (each.type === "clear") {
            clearDeadlines(heap);
            model.clear();
          } else {
            const due = [...model].filter(([, at]) => at <= each.now);
            const taken = takeDue(heap, instant(each.now));
            expect(new Set(taken)).toEqual(new Set(due.map(([name]) => name)));
            expect(taken).toHaveLength(due.length);
            const times = taken.map((name) => model.get(name) ?? 0);
            expect(times).toEqual(times.toSorted((a, b) => a - b));
            for (const name of taken) model.delete(name);
          }
          expect(earliestDeadline(heap)).toBe(model.size === 0 ? null : Math.min(...model.values()));
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { SlicedQueue } from "./sliced-queue.ts";

function createBench(): { readonly queue: SlicedQueue; readonly log: string[]; readonly turn: () => void } {
  const clock = createVirtualClock();
  const log: string[] = [];
  const queue = new SlicedQueue({
    clock,
    process: (key) => void log.push(key),
    onSliceEnd: () => void log.push("|"),
  });
  return { queue, log, turn: () => clock.advanceBy(0) };
}

/** Every wake-up that is due now is one turn of the event loop. */
describe("SlicedQueue", () => {
  it("processes nothing in the call that adds, and each key once, in order", () => {
    const { queue, log, turn } = createBench();
    for (const key of ["a", "b", "a", "c"]) queue.add(key);
    expect(log).toEqual([]);
    turn();
    expect(log).toEqual(["a", "b", "c", "|"]);
  });

  it("ends a slice after fifty keys, and goes on with the next", () => {
    const { queue, log, turn } = createBench();
    const keys = Array.from({ length: 120 }, (_, key) => String(key));
    for (const key of keys) queue.add(key);
    turn();
    expect(log.filter((each) => each !== "|")).toEqual(keys);
    expect(log.flatMap((each, at) => (each === "|" ? [at] : []))).toEqual([50, 101, 122]);
  });

  it("processes a key again that is added after its turn, also in the same slice", () => {
    const { queue, log, turn } = createBench();
    queue.add("a");
    turn();
    queue.add("a");
    turn();
    expect(log).toEqual(["a", "|", "a", "|"]);
  });

  it("moves a key that is added last behind all others", () => {
    const { queue, log, turn } = createBench();
    queue.add("peers");
    queue.add("a");
    queue.addLast("peers");
    turn();
    expect(log).toEqual(["a", "peers", "|"]);
  });

  it("processes nothing after it was stopped", () => {
    const { queue, log, turn } = createBench();
    queue.add("a");
    queue.stop();
    queue.add("b");
    turn();
    expect(log).toEqual([]);
  });
});

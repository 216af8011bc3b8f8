import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { createPollLoop } from "./poll-loop.ts";
import { systemClocks } from "./suspension-detector.ts";

describe("a loop that watches for pauses", () => {
  it("reports a suspension of the machine, by which it was not late itself", () => {
    let suspended = 5_000;
    const loop = createPollLoop({ ...systemClocks, boot: () => systemClocks.monotonic() + suspended });
    const pauses: number[] = [];
    loop.watchPauses(10_000, (duration) => pauses.push(duration));
    // Each in a round of its own, however busy the machine is.
    const next = (act: () => void): void => void loop.clock.wakeAt(instant(loop.clock.now() + 1), act);
    next(() => {
      suspended += 60_000;
      next(() => next(loop.stop));
    });
    loop.run();
    expect(pauses.map(Math.round)).toEqual([60_000]);
  });
});

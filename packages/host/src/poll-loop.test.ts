import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { createPollLoop } from "./poll-loop.ts";

describe("a loop that watches for pauses", () => {
  it("reports a suspension of the machine, by which it was not late itself", () => {
    let suspended = 5_000;
    const loop = createPollLoop(() => suspended);
    const pauses: number[] = [];
    loop.watchPauses(10_000, (duration) => pauses.push(duration));
    const start = loop.clock.now();
    loop.clock.wakeAt(instant(start + 1), () => void (suspended += 60_000));
    loop.clock.wakeAt(instant(start + 3), () => {});
    loop.clock.wakeAt(instant(start + 6), loop.stop);
    loop.run();
    expect(pauses).toEqual([60_000]);
  });
});

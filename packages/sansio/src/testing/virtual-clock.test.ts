import { describe, expect, it } from "vitest";
import { instant } from "../machine.ts";
import { createVirtualClock } from "./virtual-clock.ts";

describe("a virtual clock", () => {
  it("wakes in order of time, then in the order of asking, each at its own instant", () => {
    const clock = createVirtualClock(5);
    const woken: string[] = [];
    for (const [name, at] of [
      ["b", 20],
      ["past", 1],
      ["c", 20],
      ["a", 10],
    ] as const)
      clock.wakeAt(instant(at), () => woken.push(`${name} ${clock.now()}`));
    clock.advanceTo(instant(30));
    expect(woken).toEqual(["past 5", "a 10", "b 20", "c 20"]);
    expect(clock.now()).toBe(30);
  });

  it("wakes nobody who cancelled, also when a wake-up of the same instant cancels", () => {
    const clock = createVirtualClock();
    const woken: string[] = [];
    const cancel = clock.wakeAt(instant(5), () => woken.push("early"));
    clock.wakeAt(instant(10), () => {
      woken.push("first");
      cancelSecond();
    });
    const cancelSecond = clock.wakeAt(instant(10), () => woken.push("second"));
    cancel();
    expect(clock.nextWake()).toBe(10);
    clock.advanceBy(10);
    expect(woken).toEqual(["first"]);
    expect(clock.nextWake()).toBeNull();
  });

  it("wakes within one advance what a wake-up asks for", () => {
    const clock = createVirtualClock();
    const woken: number[] = [];
    const again = (): void => {
      woken.push(clock.now());
      clock.wakeAt(instant(clock.now() + 4), again);
    };
    clock.wakeAt(instant(4), again);
    clock.advanceTo(instant(12));
    expect(woken).toEqual([4, 8, 12]);
  });
});

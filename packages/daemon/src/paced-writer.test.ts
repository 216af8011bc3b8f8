import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { PacedWriter } from "./paced-writer.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("PacedWriter", () => {
  it("writes once for a burst, and again for what came while it wrote", async () => {
    const clock = createVirtualClock();
    let writes = 0;
    let finish = (): void => {};
    const writer = new PacedWriter(clock, () => {
      writes++;
      return new Promise((resolve) => {
        finish = () => resolve(true);
      });
    });
    for (let touches = 0; touches < 5; touches++) writer.touch();
    expect(writes).toBe(0);
    clock.advanceBy(1_000);
    writer.touch();
    clock.advanceBy(5_000);
    expect(writes).toBe(1);
    finish();
    await turn();
    clock.advanceBy(1_000);
    expect(writes).toBe(2);
    finish();
    await turn();
    expect(clock.nextWake()).toBeNull();
  });

  it("tries again after failures, ever more rarely, and as before once it worked", async () => {
    const clock = createVirtualClock();
    let works = false;
    const at: number[] = [];
    const writer = new PacedWriter(clock, () => {
      at.push(clock.now());
      return Promise.resolve(works);
    });
    writer.touch();
    for (let second = 0; second < 15; second++) {
      clock.advanceBy(1_000);
      await turn();
    }
    expect(at).toEqual([1_000, 3_000, 7_000, 15_000]);
    works = true;
    clock.advanceBy(16_000);
    await turn();
    writer.touch();
    clock.advanceBy(1_000);
    expect(at.slice(4)).toEqual([31_000, 32_000]);
  });

  it("begins nothing after its end", () => {
    const clock = createVirtualClock();
    let writes = 0;
    const writer = new PacedWriter(clock, () => Promise.resolve(++writes > 0));
    writer.touch();
    writer.end();
    writer.touch();
    clock.advanceBy(60_000);
    expect(writes).toBe(0);
  });
});

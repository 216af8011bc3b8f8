import { ipAddressFromBigInt, ipAddressToBigInt, type IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { allocatorWith, demand, ip, NOW, pool, v6 } from "./allocation.test.fixture.ts";
import { UnusedPages } from "./range/unused-pages.ts";
import type { PoolSlot } from "./state/pool-family.ts";
import { PoolSet } from "./state/pool-set.ts";
import { ReleaseLog } from "./state/release-log.ts";

const FIRST = ipAddressToBigInt(ip("2001:db8::"));
const far = (step: number): IpAddress => ipAddressFromBigInt("IPv6", FIRST + BigInt(step) * 4096n + 7n);
const wide = pool("wide", ["2001:db8::-2001:db8::ffff:ffff:ffff:ffff"]);
const demandFor = (service: string, over = {}) => demand(service, { families: v6, pools: ["wide"], ...over });

describe("pages that were made to look far addresses up", () => {
  function pools(): { readonly set: PoolSet; readonly unusedPages: UnusedPages; readonly pages: () => number } {
    const unusedPages = new UnusedPages();
    const releases = new ReleaseLog<PoolSlot>();
    const set = new PoolSet({ pools: [wide], before: null, releases, unusedPages });
    const [bitmap] = set.family("wide", "IPv6")?.bitmaps ?? [];
    return { set, unusedPages, pages: () => [...(bitmap?.pages ?? [])].length };
  }

  it("are dropped when there are many and nobody needs them", () => {
    const { set, unusedPages, pages } = pools();
    for (let step = 1; step <= 1_000; step++) set.find(far(step));
    expect(pages()).toBe(1_000);
    unusedPages.sweep();
    expect(pages()).toBe(0);
  });

  it("stay while an address of theirs is held", () => {
    const { set, unusedPages, pages } = pools();
    const slot = set.find(far(1));
    if (slot === null) throw new Error("the pool has the address");
    slot.poolFamily.markHeld(slot);
    for (let step = 2; step <= 1_000; step++) set.find(far(step));
    unusedPages.sweep();
    expect(pages()).toBe(1);
    slot.poolFamily.markReleased(slot, "svc", NOW);
    for (let step = 2; step <= 1_000; step++) set.find(far(step));
    unusedPages.sweep();
    expect(pages()).toBe(0);
  });
});

it("far addresses are given, taken back and given again however many were asked for meanwhile", () => {
  for (const options of [{}, { sticky: true }, { coolDown: 1_000 }, { order: "LeastRecentlyUsed" as const }]) {
    const allocator = allocatorWith(pool("wide", ["2001:db8::-2001:db8::ffff:ffff:ffff:ffff"], options));
    const ask = (service: string, step: number) =>
      allocator.assign(demandFor(service, { requested: [far(step)] }), NOW).assignment?.addresses;
    expect(ask("svc", 1)).toEqual([far(1)]);
    for (let round = 0; round < 5; round++) {
      for (let step = 2; step <= 200; step++) {
        allocator.explain(demandFor("other", { requested: [far(round * 1_000 + step)] }), NOW);
        expect(ask("other", round * 1_000 + step)).toEqual([far(round * 1_000 + step)]);
      }
      expect(allocator.holdersOf(far(1))).toEqual(["svc"]);
      allocator.release("svc", NOW);
      expect(allocator.holdersOf(far(1))).toEqual([]);
      expect(ask("svc", 1)).toEqual([far(1)]);
      expect(allocator.usageOf("wide")?.IPv6.assigned).toBe(2n);
    }
  }
});

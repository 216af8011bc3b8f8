import { ipAddressFromBigInt, ipAddressToBigInt, type IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { allocatorWith, demand, ip, NOW, pool, v6 } from "./allocation.test.fixture.ts";
import { PoolSet } from "./pool-set.ts";
import { PartingLog } from "./parting.ts";
import { SparePages } from "./spare-pages.ts";

const FIRST = ipAddressToBigInt(ip("2001:db8::"));
const far = (step: number): IpAddress => ipAddressFromBigInt("IPv6", FIRST + BigInt(step) * 4096n + 7n);
const wide = pool("wide", ["2001:db8::-2001:db8::ffff:ffff:ffff:ffff"]);
const wish = (service: string, over = {}) => demand(service, { families: v6, pools: ["wide"], ...over });

describe("pages that were made to look far addresses up", () => {
  function pools(): { readonly set: PoolSet; readonly spares: SparePages; readonly pages: () => number } {
    const spares = new SparePages();
    const set = new PoolSet([wide], null, new PartingLog(), spares);
    const [run] = set.stock("wide", "IPv6")?.runs ?? [];
    return { set, spares, pages: () => [...(run?.pages ?? [])].length };
  }

  it("are let go when there are many and nobody needs them", () => {
    const { set, spares, pages } = pools();
    for (let step = 1; step <= 1_000; step++) set.find(far(step));
    expect(pages()).toBe(1_000);
    spares.sweep();
    expect(pages()).toBe(0);
  });

  it("stay where an address of theirs is taken, until it comes back", () => {
    const { set, spares, pages } = pools();
    const place = set.find(far(1));
    place?.page.claim(place.slot);
    for (let step = 2; step <= 1_000; step++) set.find(far(step));
    spares.sweep();
    expect(pages()).toBe(1);
    if (place !== null) set.stock("wide", "IPv6")?.free(place);
    for (let step = 2; step <= 1_000; step++) set.find(far(step));
    spares.sweep();
    expect(pages()).toBe(0);
  });
});

it("far addresses are given, taken back and given again however many were asked for meanwhile", () => {
  for (const options of [{}, { sticky: true }, { coolDown: 1_000 }, { order: "LeastRecentlyUsed" as const }]) {
    const allocator = allocatorWith(pool("wide", ["2001:db8::-2001:db8::ffff:ffff:ffff:ffff"], options));
    const ask = (service: string, step: number) =>
      allocator.assign(wish(service, { requested: [far(step)] }), NOW).assignment?.addresses;
    expect(ask("svc", 1)).toEqual([far(1)]);
    for (let round = 0; round < 5; round++) {
      for (let step = 2; step <= 200; step++) {
        allocator.explain(wish("other", { requested: [far(round * 1_000 + step)] }), NOW);
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

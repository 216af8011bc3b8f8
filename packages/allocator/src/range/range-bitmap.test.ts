import {
  type AddressRange,
  compareIpAddresses,
  ipAddressFromBigInt,
  isBuggyIpv4,
  rangeBounds,
} from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AddressSlot } from "./bitmap-page.ts";
import { MinHeap } from "./min-heap.ts";
import { RangeBitmap } from "./range-bitmap.ts";
import { UnusedPages } from "./unused-pages.ts";

const BASE = 0xc0000200n;

function rangeOf(start: number, length: number): AddressRange {
  const first = BASE + BigInt(start);
  return {
    first: ipAddressFromBigInt("IPv4", first),
    last: ipAddressFromBigInt("IPv4", first + BigInt(length) - 1n),
  };
}

/** Every address of a range that may be assigned, in ascending order. */
function usableOf(range: AddressRange, avoidBuggyIPs: boolean): string[] {
  const { start, end } = rangeBounds(range);
  const all = Array.from({ length: Number(end - start) + 1 }, (_, at) =>
    ipAddressFromBigInt("IPv4", start + BigInt(at)),
  );
  return all.filter((address) => !avoidBuggyIPs || !isBuggyIpv4(address));
}

const step = fc.record({
  type: fc.constantFrom("lowest", "take", "free", "sweep"),
  /** The number of lowest free addresses that are tentatively taken. */
  taken: fc.constantFrom(0, 0, 1, 2, 300),
  at: fc.nat(),
});

describe("RangeBitmap", () => {
  it("agrees with a sorted list of free addresses, whatever is tentatively taken", () => {
    const start = fc.constantFrom(0, 1, 200, 255);
    const length = fc.constantFrom(1, 2, 60, 300, 700);
    fc.assert(
      fc.property(
        start,
        length,
        fc.boolean(),
        fc.array(step, { maxLength: 60 }),
        (from, size, avoidBuggyIPs, steps) => {
          const range = rangeOf(from, size);
          const unusedPages = new UnusedPages();
          const bitmap = new RangeBitmap({ poolFamily: null, rangeIndex: 0, range, avoidBuggyIPs, unusedPages });
          const usable = usableOf(range, avoidBuggyIPs);
          const free = [...usable];
          const used: AddressSlot<null>[] = [];
          expect(bitmap.usable).toBe(BigInt(usable.length));
          for (const { type, taken, at } of steps) {
            if (type === "sweep") bitmap.dropUnused();
            else if (type === "free" && used.length > 0) {
              const [slot] = used.splice(at % used.length, 1) as [AddressSlot<null>];
              bitmap.free(slot);
              free.push(slot.address);
              free.sort((a, b) => compareIpAddresses(a as typeof slot.address, b as typeof slot.address));
            } else {
              const tentative: AddressSlot<null>[] = [];
              while (tentative.length < taken) {
                const next = bitmap.lowestFree(tentative);
                expect(next?.address).toBe(free[tentative.length]);
                if (next === null) break;
                tentative.push(next);
              }
              const slot = bitmap.lowestFree(tentative);
              expect(slot?.address).toBe(free[tentative.length]);
              if (type === "lowest" || slot === null) continue;
              slot.page.clearFree(slot.index);
              used.push(slot);
              free.splice(tentative.length, 1);
            }
            expect(bitmap.hasFree).toBe(free.length > 0);
          }
        },
      ),
    );
  });

  it("finds the slot of every usable address, and none of an avoided one", () => {
    const range = rangeOf(250, 20);
    const options = { poolFamily: null, rangeIndex: 0, range, unusedPages: new UnusedPages() };
    const bitmap = new RangeBitmap({ ...options, avoidBuggyIPs: true });
    expect(bitmap.slotOf(ipAddressFromBigInt("IPv4", BASE + 255n))).toBeNull();
    const slot = bitmap.slotOf(ipAddressFromBigInt("IPv4", BASE + 257n));
    expect(slot).toMatchObject({ address: "192.0.3.1", index: 1, family: "IPv4", poolFamily: null, isHeld: false });
  });
});

describe("MinHeap", () => {
  it("lists its numbers in ascending order, and leaves them in place", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 })), (numbers) => {
        const heap = new MinHeap();
        for (const number of numbers) heap.push(number);
        const sorted = numbers.toSorted((a, b) => a - b);
        expect([...heap.ascending()]).toEqual(sorted);
        expect(heap.size).toBe(numbers.length);
        expect(sorted.map(() => heap.pop())).toEqual(sorted);
      }),
    );
  });
});

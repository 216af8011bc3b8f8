import fc from "fast-check";
import { expect, it } from "vitest";
import { entriesOf, insert, lookUp, remove, sizeOf, type SortedMap } from "./sorted-map.ts";

const change = fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), fc.option(fc.nat(9)));

it("holds what a Map holds, in the order of the keys, and leaves older maps alone", () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const naive = new Map<string, number>();
      let map: SortedMap<number> = null;
      for (const [key, value] of changes) {
        const before = map;
        const beforeEntries = [...entriesOf(before)];
        map = value === null ? remove(map, key) : insert(map, key, value);
        if (value === null) naive.delete(key);
        else naive.set(key, value);
        expect([...entriesOf(before)]).toEqual(beforeEntries);
        expect(lookUp(map, key)).toBe(naive.get(key));
        expect(sizeOf(map)).toBe(naive.size);
      }
      expect([...entriesOf(map)]).toEqual([...naive].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }),
  );
});

it("stays shallow with keys in order", () => {
  let map: SortedMap<number> = null;
  for (let n = 0; n < 20_000; n++) map = insert(map, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`, n);
  expect(depthOf(map)).toBeLessThan(60);
});

function depthOf(map: SortedMap<number>): number {
  return map === null ? 0 : 1 + Math.max(depthOf(map.left), depthOf(map.right));
}

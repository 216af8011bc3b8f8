import { type IpPrefix, prefixOf } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DesiredRoute } from "../rib/route.ts";
import { createBench, desired } from "./bench.test.support.ts";
import { announcedTo } from "./peers-of.ts";

describe("a session", () => {
  it("holds, after any changes, exactly what is wanted", () => {
    const prefix = fc.tuple(
      fc.constantFrom("203.0.113.0", "203.0.113.1", "203.0.113.2", "198.51.100.9"),
      fc.constantFrom(24, 31, 32),
    );
    const route = fc.record({
      prefix: prefix.map(([address, length]) => prefixOf(address as never, length)),
      med: fc.option(fc.nat(3), { nil: undefined }),
      peers: fc.constantFrom<DesiredRoute["peers"]>("all", ["router"], ["other"]),
    });
    const change = fc.tuple(fc.constantFrom("a", "b", "c"), fc.array(route, { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 8 }), fc.nat(8), (rounds, up) => {
        const bench = createBench();
        const oracle = new Map<
          string,
          readonly { prefix: IpPrefix; med: number | undefined; peers: DesiredRoute["peers"] }[]
        >();
        for (const [round, changes] of [...rounds, []].entries()) {
          if (round === Math.min(up, rounds.length)) bench.establish();
          const entriesByKey = new Map(changes);
          for (const [key, routes] of entriesByKey) oracle.set(key, routes);
          const entries = [...entriesByKey].map(
            ([key, routes]) =>
              [
                key,
                routes.map(({ med, ...rest }) => ({
                  ...rest,
                  nextHop: "self" as const,
                  ...(med !== undefined && { med }),
                })),
              ] as const,
          );
          bench.dispatch(desired(...entries));
        }
        const expected = new Map<string, string | undefined>();
        for (const each of [...oracle.values()].flat()) {
          if (each.peers !== "all" && !each.peers.includes("router")) continue;
          const seen = expected.get(each.prefix);
          const med = each.med === undefined ? seen : each.med.toString().padStart(8, "0");
          expected.set(each.prefix, seen === undefined || (med !== undefined && med < seen) ? med : seen);
        }
        const held = new Map([...bench.model.held].map(([key, { attributes }]) => [textOf(key), attributes[4]]));
        expect(Object.fromEntries(held)).toEqual(Object.fromEntries(expected));
        expect(announcedTo(bench.state, "router")).toEqual([...expected.keys()].toSorted());
      }),
      { numRuns: 200 },
    );
  });
});

/** "4 cb007107/32" as "203.0.113.7/32". */
function textOf(key: string): string {
  const [hex = "", length = ""] = key.slice(2).split("/");
  const octets = [...octetsFromHex(hex.padEnd(8, "0"))];
  return `${octets.join(".")}/${length}`;
}

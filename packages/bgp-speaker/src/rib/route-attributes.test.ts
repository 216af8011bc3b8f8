import type { IpPrefix, Ipv4Address } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttributeTable, attributesFor } from "./route-attributes.ts";
import type { Destination } from "./destination.ts";
import type { DesiredRoute } from "./route.ts";

const absent = fc.constant(undefined);
const few = <Value>(...values: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  fc.oneof(absent, fc.constantFrom(...values));

/** A row for each attribute: one that is forgotten does not compile. */
const ATTRIBUTES: {
  readonly [Name in Exclude<keyof DesiredRoute, "prefix" | "peers">]-?: fc.Arbitrary<DesiredRoute[Name] | undefined>;
} = {
  nextHop: fc.constantFrom<DesiredRoute["nextHop"]>("self", "192.0.2.1" as Ipv4Address, "192.0.2.2" as Ipv4Address),
  localPref: few(0, 100),
  med: few(0, 5),
  communities: few<readonly number[]>([], [1], [2], [1, 2], [2, 1], [1, 1]),
  largeCommunities: fc.oneof(
    absent,
    fc.array(
      fc.record({
        globalAdministrator: fc.constantFrom(1, 2),
        localDataPart1: fc.constant(0),
        localDataPart2: fc.constant(0),
      }),
      { maxLength: 2 },
    ),
  ),
  extendedCommunities: few<readonly bigint[]>([], [1n], [2n], [1n, 2n]),
  linkBandwidth: few(0, 125_000),
  prepend: few(0, 1),
};

/** Two routes that differ in one attribute at most. */
const pairs = fc
  .tuple(fc.record(ATTRIBUTES), fc.record(ATTRIBUTES), fc.constantFrom(...Object.keys(ATTRIBUTES)))
  .map(([one, other, name]) => [one, { ...one, [name]: other[name as keyof typeof ATTRIBUTES] }]);

function destinationOf(attributes: object): Destination {
  const prefix = "203.0.113.7/32" as IpPrefix;
  const route = { prefix, peers: "all", ...attributes } as DesiredRoute;
  return {
    prefix,
    family: "IPv4",
    id: 0,
    cause: "a",
    withdrawals: 0,
    wishes: { key: "web", route, round: 0, next: null },
  };
}

const emptyTable = (): AttributeTable => ({ byKey: new Map(), last: null });

describe("the attributes of wanted routes", () => {
  it("are for each route what they are without the routes before it", () => {
    fc.assert(
      fc.property(pairs, (sequence) => {
        const table = emptyTable();
        for (const route of sequence) {
          const destination = destinationOf(route);
          expect(attributesFor(table, destination, "")).toEqual(attributesFor(emptyTable(), destination, ""));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("are one value for routes that are written differently and mean the same", () => {
    const table = emptyTable();
    const first = attributesFor(table, destinationOf({ nextHop: "self", communities: [1, 2] }), "");
    expect(attributesFor(table, destinationOf({ nextHop: "self", communities: [2, 1, 1] }), "")).toBe(first);
    expect(attributesFor(table, destinationOf({ nextHop: "self", communities: [1, 2], prepend: 0 }), "")).toBe(first);
  });
});

/** Arbitraries of random histories: few services, small pools and few addresses, so that they meet. */
import type { IpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { ip, pool, range } from "./allocation.test.fixture.ts";
import type { Demand, Pool } from "./index.ts";

/** The services of a history; the first three are of account `x`, the others of `y`. */
export const SERVICES: readonly string[] = ["a", "b", "c", "d", "e", "f"];
/** The names of the pools of a history. */
export const NAMES: readonly string[] = ["one", "two", "six"];
/** The addresses that demands request and record, some of which no pool has. */
export const ADDRESSES: readonly IpAddress[] = [
  "192.0.2.1",
  "192.0.2.2",
  "192.0.2.3",
  "198.51.100.254",
  "198.51.100.255",
  "198.51.101.1",
  "203.0.113.1",
  "2001:db8::1",
  "2001:db8::2",
  "2001:db8:6::f",
].map(ip);

/** The records of services: the addresses of each are of one pool, as those of an assignment are. */
const RECORDS = [["192.0.2.1"], ["192.0.2.2", "2001:db8::1"], ["198.51.101.1"], ["2001:db8:6::f"], ["203.0.113.1"]].map(
  (addresses) => addresses.map(ip),
);

const options = fc.record(
  {
    order: fc.constantFrom("LowestFirst", "LeastRecentlyUsed"),
    coolDown: fc.constantFrom(0, 5, 20),
    sticky: fc.boolean(),
    maxPerAccount: fc.constantFrom(1, 2, 4),
    sharedAcrossAccounts: fc.boolean(),
    excluded: fc.constantFrom([range("192.0.2.2-192.0.2.9")], [range("2001:db8::2")]),
    occupied: fc.subarray(ADDRESSES.slice(0, 9), { minLength: 1, maxLength: 3 }),
    reservations: fc.array(
      fc.record({
        service: fc.constantFrom("a", "b"),
        addresses: fc.subarray(ADDRESSES.slice(0, 8), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  } satisfies { [Option in keyof Pool]?: fc.Arbitrary<unknown> },
  { requiredKeys: [], noNullPrototype: true },
);

/** Two or three pools, each with options of its own, some of them smaller. */
export const pools: fc.Arbitrary<readonly Pool[]> = fc
  .tuple(options, options, options, fc.subarray([...NAMES], { minLength: 2 }), fc.boolean())
  .map(([one, two, six, there, isSmall]) =>
    [
      pool("one", ["192.0.2.1-192.0.2.3", isSmall ? "2001:db8::1" : "2001:db8::1-2001:db8::2"], one),
      pool("two", [isSmall ? "198.51.101.1" : "198.51.100.254-198.51.101.1"], { ...two, avoidBuggyIPs: true }),
      pool("six", ["2001:db8:6::f-2001:db8:6::11"], six),
    ].filter(({ name }) => there.includes(name)),
  );

/** Quotas of the two accounts, or of one, or none. */
export const quotas: fc.Arbitrary<ReadonlyMap<string, number>> = fc
  .tuple(fc.option(fc.nat({ max: 4 })), fc.option(fc.nat({ max: 4 })))
  .map(
    ([x, y]) =>
      new Map<string, number>([...(x === null ? [] : [["x", x] as const]), ...(y === null ? [] : [["y", y] as const])]),
  );

/** A demand of any service for anything. */
export const demand: fc.Arbitrary<Demand> = fc
  .record(
    {
      service: fc.constantFrom(...SERVICES),
      families: fc.constantFrom<Demand["families"]>(
        { type: "All", families: ["IPv4"] },
        { type: "All", families: ["IPv6"] },
        { type: "All", families: ["IPv6", "IPv4"] },
        { type: "PreferBoth", primary: "IPv4" },
        { type: "PreferBoth", primary: "IPv6" },
      ),
      ports: fc
        .subarray([80, 443], { minLength: 1 })
        .map((all) => all.map((port) => ({ protocol: "TCP" as const, port }))),
      pools: fc.constantFrom<Demand["pools"]>(
        ["one"],
        ["two", "one"],
        ["one", "two", "six"],
        [["one", "two"], "six"],
        ["six"],
        [],
      ),
      permitted: fc.constantFrom(NAMES, NAMES, ["one", "two"], ["six"]),
      requested: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.subarray([...ADDRESSES], { minLength: 1, maxLength: 2 }) },
      ),
      recorded: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.constantFrom(...RECORDS) },
      ),
      sharingKey: fc.constantFrom(null, null, "key", "other"),
      backendKey: fc.constantFrom("", "", "app"),
      perFamily: fc.constantFrom(1, 1, 2),
      requestable: fc.constantFrom(NAMES, ["two"]),
      ifImpossible: fc.constantFrom("Keep", "Release"),
      sharesWith: fc.constantFrom(["x"], ["*"], []),
      retainedPools: fc.constantFrom([], [], ["one"], ["two", "six"]),
    },
    { noNullPrototype: true },
  )
  .map(
    (each) =>
      ({
        ...each,
        account: each.service < "d" ? "x" : "y",
        permitted: [...new Set([...each.permitted, ...each.pools.flat()])],
      }) as Demand,
  );

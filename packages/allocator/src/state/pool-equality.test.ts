import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { Pool } from "../pool.ts";
import { equalPools } from "./pool-equality.ts";

const range = (first: string, last = first) => ({ first: first as IpAddress, last: last as IpAddress });
const plain: Pool = { name: "p", ranges: [range("192.0.2.0", "192.0.2.9")], avoidBuggyIPs: false };
const withDefaults: Required<Omit<Pool, "maxPerAccount">> = {
  ...plain,
  excluded: [],
  reservations: [],
  occupied: [],
  order: "LowestFirst",
  coolDown: 0,
  sticky: false,
  sharedAcrossAccounts: true,
};
const reservation = { service: "a", addresses: ["192.0.2.1" as IpAddress] };

/** For each field of a pool values that are all different; a new field needs a row. */
const values: { readonly [Field in keyof Required<Pool>]: readonly Pool[Field][] } = {
  name: ["p", "q"],
  ranges: [plain.ranges, [range("192.0.2.0")], [range("192.0.2.1", "192.0.2.9")], []],
  avoidBuggyIPs: [false, true],
  excluded: [undefined, [range("192.0.2.1")], [range("192.0.2.1"), range("192.0.2.2")]],
  reservations: [
    undefined,
    [reservation],
    [{ ...reservation, service: "b" }],
    [{ ...reservation, addresses: ["192.0.2.2" as IpAddress] }],
    [{ ...reservation, addresses: [] }],
  ],
  occupied: [undefined, ["192.0.2.1" as IpAddress], ["192.0.2.2" as IpAddress]],
  order: [undefined, "LeastRecentlyUsed"],
  coolDown: [undefined, 1],
  sticky: [undefined, true],
  maxPerAccount: [undefined, 0, 1],
  sharedAcrossAccounts: [undefined, false],
};

describe("equalPools", () => {
  it.each(Object.entries(values))("tells pools apart by %s", (field, all) => {
    for (const [at, one] of all.entries()) {
      for (const [other, two] of all.entries()) {
        const pools = [one, two].map(
          (value) => ({ ...structuredClone(plain), [field]: structuredClone(value) }) as Pool,
        );
        expect(equalPools(pools[0] as Pool, pools[1] as Pool)).toBe(at === other);
      }
    }
  });

  it("takes an absent option for its default", () => {
    expect(equalPools(plain, withDefaults)).toBe(true);
    expect(equalPools(withDefaults, plain)).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipv4ToNumber, type Ipv4Address } from "@herald-lb/sansio";
import { BUCKETS, bucketOfIpv4, bucketOfIpv6, COLUMNS, saltOf } from "./client-bucket.ts";
import { type ClientShares, createClientShares, serverOf } from "./client-shares.ts";

const NODES = ["node-a", "node-b", "node-c", "node-d"];
const ADDRESS = "192.0.2.200" as Ipv4Address;
const someNodes = (maxLength: number): fc.Arbitrary<readonly string[]> =>
  fc.uniqueArray(
    fc.integer({ min: 0, max: 99 }).map((number) => `node-${number}`),
    { minLength: 1, maxLength },
  );
const serversOf = (shares: ClientShares): readonly string[] =>
  Array.from({ length: BUCKETS }, (_, bucket) => serverOf(shares, bucket));
const countsOf = (servers: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const server of servers) counts.set(server, (counts.get(server) ?? 0) + 1);
  return counts;
};

describe("createClientShares", () => {
  it("divides by the sets alone: in whatever order nodes come, and however often", () => {
    fc.assert(
      fc.property(someNodes(12), fc.infiniteStream(fc.nat(11)), (nodes, random) => {
        const order = [...nodes].sort(() => (random.next().value ?? 0) - 5);
        const serving = nodes.slice(0, Math.max(1, nodes.length - 2));
        const one = serversOf(createClientShares(nodes, serving));
        const other = serversOf(createClientShares([...order, ...nodes], [...serving].reverse()));
        expect(other).toEqual(one);
        expect(serving).toEqual(expect.arrayContaining([...new Set(one)]));
      }),
      { numRuns: 50 },
    );
  });

  it("moves what a lost node served, and nothing else", () => {
    fc.assert(
      fc.property(
        someNodes(12).filter((nodes) => nodes.length > 1),
        fc.nat(100),
        (nodes, at) => {
          const lost = nodes[at % nodes.length] ?? "";
          const before = serversOf(createClientShares(nodes, nodes));
          const after = serversOf(
            createClientShares(
              nodes,
              nodes.filter((node) => node !== lost),
            ),
          );
          expect(after).not.toContain(lost);
          expect(after.filter((server, bucket) => server !== before[bucket])).toHaveLength(
            before.filter((server) => server === lost).length,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves the buckets of live homes with them, whichever others are lost", () => {
    fc.assert(
      fc.property(someNodes(10), fc.infiniteStream(fc.boolean()), (nodes, coin) => {
        const serving = nodes.filter(() => coin.next().value === true);
        if (serving.length === 0) return;
        const whole = serversOf(createClientShares(nodes, nodes));
        const now = serversOf(createClientShares(nodes, serving));
        const kept = whole.map((home, bucket) => (serving.includes(home) ? home : now[bucket]));
        expect(now).toEqual(kept);
      }),
      { numRuns: 60 },
    );
  });

  it("gives no node more than its part of a row, rounded up, nor of the first columns of one", () => {
    fc.assert(
      fc.property(someNodes(20), fc.infiniteStream(fc.boolean()), (nodes, coin) => {
        const some = nodes.filter(() => coin.next().value === true);
        const serving = some.length === 0 ? nodes : some;
        const servers = serversOf(createClientShares(nodes, serving));
        for (let row = 0; row < BUCKETS; row += COLUMNS) {
          for (const columns of serving === nodes ? [16, 32, 48, 64] : [64]) {
            const counts = countsOf(servers.slice(row, row + columns));
            for (const count of counts.values()) expect(count).toBeLessThanOrEqual(Math.ceil(columns / serving.length));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("moves less than half of the buckets when a fifth candidate joins four, most of them to it", () => {
    const before = serversOf(createClientShares(NODES, NODES));
    const after = serversOf(createClientShares([...NODES, "node-e"], [...NODES, "node-e"]));
    const moved = after.filter((server, bucket) => server !== before[bucket]);
    expect(moved.length).toBeLessThan(BUCKETS / 2);
    expect(moved.filter((server) => server === "node-e").length).toBeGreaterThan(moved.length / 3);
  });

  it("serves by others where no candidate does", () => {
    expect(new Set(serversOf(createClientShares(NODES, ["node-x", "node-y"])))).toEqual(new Set(["node-x", "node-y"]));
    expect(new Set(serversOf(createClientShares([], ["node-x"])))).toEqual(new Set(["node-x"]));
  });
});

describe("a bucket", () => {
  const shares = createClientShares(NODES, NODES);
  const server = (client: number, address = ADDRESS): string => serverOf(shares, bucketOfIpv4(client, saltOf(address)));

  it("is one of sixteen neighbours' that four nodes divide evenly, for any address and any place", () => {
    fc.assert(
      fc.property(
        fc.nat(0xff_ffff),
        fc.ipV4().map((text) => text as Ipv4Address),
        (block, address) => {
          const counts = countsOf(Array.from({ length: 16 }, (_, at) => server((block * 16 + at) >>> 0, address)));
          expect([...counts.values()]).toEqual([4, 4, 4, 4]);
        },
      ),
    );
  });

  it("of clients that lie far apart spreads them within fifteen hundredths of even", () => {
    const first = ipv4ToNumber("10.0.0.0" as Ipv4Address);
    const counts = countsOf(Array.from({ length: 4_000 }, (_, at) => server((first + at * 1_009) >>> 0)));
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("of a client differs from address to address", () => {
    const client = ipv4ToNumber("192.0.2.77" as Ipv4Address);
    const nodes = Array.from({ length: 64 }, (_, at) => server(client, `198.51.100.${at}` as Ipv4Address));
    expect(countsOf(nodes).size).toBe(4);
  });

  it("depends on every part of an IPv6 address", () => {
    const octets = Uint8Array.from({ length: 16 }, (_, at) => at * 7 + 1);
    const salt = saltOf(ADDRESS);
    for (let bit = 0; bit < 128; bit++) {
      // One bit may by chance lead to the row where the client was: many salts do not.
      const moves = Array.from({ length: 16 }, (_, step) => {
        const other = Uint8Array.from(octets);
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return bucketOfIpv6(other, 0, salt + step) !== bucketOfIpv6(octets, 0, salt + step);
      });
      expect(moves).toContain(true);
    }
    expect(bucketOfIpv6(Uint8Array.of(9, ...octets), 1, salt)).toBe(bucketOfIpv6(octets, 0, salt));
  });

  it("of consecutive IPv6 clients is divided evenly as well", () => {
    const counts = countsOf(
      Array.from({ length: 64 }, (_, at) => {
        const octets = Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, at);
        return serverOf(shares, bucketOfIpv6(octets, 0, saltOf(ADDRESS)));
      }),
    );
    expect([...counts.values()]).toEqual([16, 16, 16, 16]);
  });
});

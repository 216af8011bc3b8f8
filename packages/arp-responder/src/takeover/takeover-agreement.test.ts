import type { IpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { factsOf } from "./onlooker.ts";
import { announcersOf } from "./simulate-loss.ts";
import { addressOf } from "./spread.test.fixture.ts";
import { Bench, NODES, request } from "./takeover.test.fixture.ts";

const KEYS = Array.from({ length: 8 }, (_, at) => `default/s${at}`);
const candidates = fc.subarray([...NODES], { minLength: 1 });
const anyRequest = (key: string): fc.Arbitrary<AnnouncementRequest> =>
  fc.tuple(fc.nat(4), candidates, fc.boolean()).map(([at, some, spread]) =>
    request({
      key,
      addresses: [addressOf(at), `2001:db8::${at}` as IpAddress],
      electionAddress: addressOf(at),
      candidates: some.map((node) => ({ node, score: 0, interfaces: "all" })),
      spread,
    }),
  );
/** A request, or its end, and the time that passes afterwards. */
interface Change {
  readonly key: string;
  readonly wanted: AnnouncementRequest | null;
  readonly pause: number;
}

const change = fc.constantFrom(...KEYS).chain(
  (key): fc.Arbitrary<Change> =>
    fc.record(
      {
        key: fc.constant(key),
        wanted: fc.option(anyRequest(key), { nil: null }),
        pause: fc.constantFrom(0, 20, 60),
      },
      { noNullPrototype: true },
    ),
);
const memberships = fc.array(fc.subarray([...NODES]), { maxLength: 12 });
const byKey = (a: Change, b: Change): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** The changes as each node hears of them: those of one key in their order, those of different keys in any. */
const ORDERS: readonly ((changes: readonly Change[]) => readonly Change[])[] = [
  (changes) => changes,
  (changes) => changes.toSorted(byKey),
  (changes) => changes.toSorted((a, b) => byKey(b, a)),
];

/** A node that heard of these changes and members, and knows in the end who lives. */
function after(
  node: string,
  changes: readonly Change[],
  members: readonly (readonly string[])[],
  live: readonly string[],
): Bench {
  const bench = new Bench(node);
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES);
  bench.step({ type: "RequestsListed" });
  for (const [at, { key, wanted, pause }] of changes.entries()) {
    const some = members[at];
    // The second half of the changes comes after the last change of members: nothing else brings all of them together.
    if (at === changes.length >> 1) bench.members(live);
    else if (some !== undefined && at < changes.length >> 1) bench.members([...new Set([node, ...some])]);
    bench.step(
      wanted === null ? { type: "AnnouncementWithdrawn", key } : { type: "AnnouncementRequested", request: wanted },
    );
    bench.wait(pause);
  }
  if (changes.length === 0) bench.members(live);
  bench.wait(1_000);
  return bench;
}

/** The same changes with no service that is spread: each is decided by itself then. */
const hashed = ({ wanted, ...rest }: Change): Change => ({
  ...rest,
  wanted: wanted === null ? null : { ...wanted, spread: false },
});

describe("nodes that come to the same facts by different ways", () => {
  it("have the announcers that an onlooker finds, and answer for what they announce alone", () => {
    const ways = fc.tuple(...NODES.map(() => memberships));
    fc.assert(
      fc.property(
        fc
          .tuple(fc.array(change, { maxLength: 30 }), fc.boolean())
          .map(([some, isHashed]) => (isHashed ? some.map(hashed) : some)),
        ways,
        fc.subarray([...NODES], { minLength: 1 }),
        (changes, members, live) => {
          const last = new Map(changes.map(({ key, wanted }) => [key, wanted]));
          const requests = [...last.values()].filter((each) => each !== null);
          const expected = announcersOf(requests, factsOf(live));
          for (const [at, node] of NODES.entries()) {
            if (!live.includes(node)) continue;
            const bench = after(node, ORDERS[at]?.(changes) ?? [], members[at] ?? [], live);
            const announcers = new Map([...bench.state.elections].map(([key, { announcer }]) => [key, announcer]));
            expect(announcers).toEqual(expected);
            const own = [...expected].filter(([, each]) => each === node).map(([key]) => key);
            expect([...bench.announced].toSorted()).toEqual(own.toSorted());
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

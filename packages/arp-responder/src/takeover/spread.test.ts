import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { electAnnouncer, type RankedCandidate } from "./election.ts";
import { createNodeNumbers, marksOf, NOBODY, numberOf } from "./node-numbers.ts";
import { spread, type SpreadElection } from "./spread.ts";
import { addressOf, orderOf } from "./spread.test.fixture.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const NUMBERS = createNodeNumbers();
for (const name of [...NAMES, ...Array.from({ length: 30 }, (_, at) => `node-${at}`)]) numberOf(NUMBERS, name);

interface TestElection extends SpreadElection {
  readonly ranked: readonly RankedCandidate[];
}

interface Row {
  readonly candidates: readonly { readonly node: string; readonly score: number }[];
  readonly unfit: readonly string[];
  readonly owner: string | null;
}

/** The elections of these rows while these nodes live. */
function electionsOf(rows: readonly Row[], live: readonly string[]): readonly TestElection[] {
  return rows.map(({ candidates, unfit, owner }, at) => {
    const alive = candidates.filter(({ node }) => live.includes(node)).map(({ node }) => node);
    const fit = alive.filter((node) => !unfit.includes(node));
    const serving = new Set(fit.length > 0 ? fit : alive);
    const ranked = electAnnouncer(candidates, addressOf(at));
    return {
      order: orderOf(at),
      ranked,
      candidates: ranked.map(({ node }) => numberOf(NUMBERS, node)),
      scores: ranked.map(({ score }) => score),
      serving: marksOf(NUMBERS, serving),
      owner: owner !== null && serving.has(owner) ? numberOf(NUMBERS, owner) : NOBODY,
    };
  });
}

const nodesOf = (elections: readonly TestElection[]): readonly (string | null)[] => {
  const placements = spread(elections, NUMBERS.names.length);
  return elections.map((each) => NUMBERS.names[placements.get(each)?.node ?? NOBODY] ?? null);
};

/** All that a node may hold: its share, worked out here again, plus one. */
function boundsOf(elections: readonly TestElection[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { ranked, serving } of elections) {
    const able = ranked.filter(({ node }) => serving[numberOf(NUMBERS, node)] === 1);
    const top = Math.max(...able.map(({ score }) => score));
    const best = able.filter(({ score }) => score === top);
    for (const { node } of best) shares.set(node, (shares.get(node) ?? 0) + 1 / best.length);
  }
  return new Map([...shares].map(([node, share]) => [node, share + 1 + 1e-9]));
}

const loadOf = (nodes: readonly (string | null)[], node: string): number =>
  nodes.filter((each) => each === node).length;

const uniform = fc.integer({ min: 0, max: 40 }).map((count): readonly Row[] =>
  Array.from({ length: count }, () => ({
    candidates: NAMES.map((node) => ({ node, score: 0 })),
    unfit: [],
    owner: null,
  })),
);
const anyRow = fc.record(
  {
    candidates: fc
      .subarray(NAMES)
      .chain((some) => fc.tuple(...some.map((node) => fc.nat(1).map((score) => ({ node, score }))))),
    unfit: fc.subarray(NAMES, { maxLength: 2 }),
    owner: fc.constant(null),
  },
  { noNullPrototype: true },
);
const anyRows = fc.array(anyRow, { maxLength: 40 });
const anyLive = fc.subarray(NAMES, { minLength: 1 });

describe("spread", () => {
  it("gives no node more than its share plus one, whatever the candidates, scores, links and live nodes are", () => {
    fc.assert(
      fc.property(anyRows, anyLive, (rows, live) => {
        const elections = electionsOf(rows, live);
        const nodes = nodesOf(elections);
        for (const [node, bound] of boundsOf(elections)) expect(loadOf(nodes, node)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 500 },
    );
  });

  it("holds the bound where each election has two candidates, and others must make room", () => {
    const pair = fc.subarray(NAMES.slice(0, 4), { minLength: 2, maxLength: 2 });
    const rows = fc
      .array(pair, { minLength: 10, maxLength: 60 })
      .map((pairs): readonly Row[] =>
        pairs.map((some) => ({ candidates: some.map((node) => ({ node, score: 0 })), unfit: [], owner: null })),
      );
    fc.assert(
      fc.property(rows, fc.subarray(NAMES.slice(0, 4), { minLength: 2 }), (some, live) => {
        const elections = electionsOf(some, live);
        const nodes = nodesOf(elections);
        for (const [node, bound] of boundsOf(elections)) expect(loadOf(nodes, node)).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 1_000 },
    );
  });

  it("places every election that a node serves, on one of the best of these, and no other", () => {
    fc.assert(
      fc.property(anyRows, anyLive, (rows, live) => {
        const elections = electionsOf(rows, live);
        for (const [at, node] of nodesOf(elections).entries()) {
          const { ranked, serving } = elections[at] as TestElection;
          const able = ranked.filter((each) => serving[numberOf(NUMBERS, each.node)] === 1);
          if (node === null) expect(able).toEqual([]);
          else expect(able.find((each) => each.node === node)?.score).toBe(able[0]?.score);
        }
      }),
    );
  });

  it("is the same in any order of the elections and of the candidates", () => {
    fc.assert(
      fc.property(anyRows, anyLive, fc.infiniteStream(fc.nat()), (rows, live, numbers) => {
        const shuffle = <T>(values: readonly T[]): readonly T[] =>
          values
            .map((value) => [numbers.next().value as number, value] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, value]) => value);
        const elections = electionsOf(rows, live);
        const nodes = nodesOf(elections);
        const others = electionsOf(
          rows.map((row) => ({ ...row, candidates: shuffle(row.candidates) })),
          shuffle(live),
        );
        const placements = spread(shuffle(others), NUMBERS.names.length);
        expect(others.map((each) => NUMBERS.names[placements.get(each)?.node ?? NOBODY] ?? null)).toEqual(nodes);
      }),
    );
  });

  it("moves, where all have the same candidates, no election whose home lives, whichever others die or return", () => {
    fc.assert(
      fc.property(uniform, anyLive, anyLive, (rows, live, later) => {
        const home = nodesOf(electionsOf(rows, NAMES));
        const [before, after] = [nodesOf(electionsOf(rows, live)), nodesOf(electionsOf(rows, later))];
        for (const [at, node] of home.entries()) {
          if (live.includes(node as string)) expect(before[at]).toBe(node);
          if (later.includes(node as string)) expect(after[at]).toBe(node);
        }
      }),
    );
  });

  it("moves only what the lost node holds, where all other candidates live", () => {
    fc.assert(
      fc.property(uniform, fc.constantFrom(...NAMES), (rows, lost) => {
        const before = nodesOf(electionsOf(rows, NAMES));
        const after = nodesOf(
          electionsOf(
            rows,
            NAMES.filter((node) => node !== lost),
          ),
        );
        for (const [at, node] of before.entries()) if (node !== lost) expect(after[at]).toBe(node);
      }),
    );
  });

  it("leaves owners what they hold, and moves nothing when their reports come one by one", () => {
    const owners = fc.array(fc.option(fc.constantFrom(...NAMES), { nil: null }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        uniform,
        owners,
        anyLive,
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (rows, own, live, told) => {
          const some = rows.map((row, at) => ({ ...row, owner: own[at] ?? null }));
          const before = nodesOf(electionsOf(some, live));
          for (const [at, { owner }] of some.entries())
            if (owner !== null && live.includes(owner)) expect(before[at]).toBe(owner);
          // Every announcer reports, and the others hear of some reports first.
          const heard = some.map((row, at) => (told[at] === true ? { ...row, owner: before[at] ?? null } : row));
          expect(nodesOf(electionsOf(heard, live))).toEqual(before);
        },
      ),
    );
  });

  it("fills no node that owners hold above its bound", () => {
    const rows: Row[] = Array.from({ length: 12 }, (_, at) => ({
      candidates: NAMES.map((node) => ({ node, score: 0 })),
      unfit: [],
      owner: at < 5 ? "a" : null,
    }));
    const nodes = nodesOf(electionsOf(rows, NAMES));
    expect(loadOf(nodes, "a")).toBe(5);
    for (const node of NAMES.slice(1)) expect(loadOf(nodes, node)).toBeLessThanOrEqual(3);
  });

  it("takes those elections for a preferred node that prefer it, and spreads the others over the rest", () => {
    const prefers = (preferred: readonly string[]): Row => ({
      candidates: NAMES.map((node) => ({ node, score: preferred.includes(node) ? 10 : 0 })),
      unfit: [],
      owner: null,
    });
    const rows = Array.from({ length: 20 }, () => prefers(["a", "b"]));
    const nodes = nodesOf(electionsOf(rows, NAMES));
    expect(loadOf(nodes, "a") + loadOf(nodes, "b")).toBe(20);
    expect(Math.max(loadOf(nodes, "a"), loadOf(nodes, "b"))).toBeLessThanOrEqual(11);
    // Where no preferred node lives, the bound holds among the rest.
    const rest = nodesOf(electionsOf(rows, ["c", "d", "e", "f"]));
    for (const node of ["c", "d", "e", "f"]) expect(loadOf(rest, node)).toBeLessThanOrEqual(6);
  });
});

describe("the spread of 500 services over 30 nodes", () => {
  const names = Array.from({ length: 30 }, (_, at) => `node-${at}`);
  const rows = (count: number): readonly Row[] =>
    Array.from({ length: count }, () => ({
      candidates: names.map((node) => ({ node, score: 0 })),
      unfit: [],
      owner: null,
    }));
  const all = nodesOf(electionsOf(rows(500), names));
  const differing = (a: readonly unknown[], b: readonly unknown[]): number =>
    a.filter((node, at) => node !== b[at]).length;

  it("holds 17 at most on a node, where the hash alone gives one node 24 and another 11", () => {
    expect(Math.max(...names.map((node) => loadOf(all, node)))).toBe(17);
    const hashed = rows(500).map(({ candidates }, at) => electAnnouncer(candidates, addressOf(at))[0]?.node ?? null);
    const loads = names.map((node) => loadOf(hashed, node));
    expect([Math.min(...loads), Math.max(...loads)]).toEqual([11, 24]);
  });

  it("moves few others when a second node is lost: only some whose home is lost already", () => {
    const without = (...lost: string[]) => names.filter((node) => !lost.includes(node));
    const one = nodesOf(electionsOf(rows(500), without("node-3")));
    const two = nodesOf(electionsOf(rows(500), without("node-3", "node-17")));
    expect(differing(all, one)).toBe(loadOf(all, "node-3"));
    const own = loadOf(one, "node-17");
    expect(differing(one, two) - own).toBeLessThanOrEqual(loadOf(all, "node-3"));
  });

  it("moves few others when a service is added", () => {
    const elections = electionsOf(rows(540), names);
    const moves = Array.from({ length: 40 }, (_, more) =>
      differing(nodesOf(elections.slice(0, 500 + more)), nodesOf(elections.slice(0, 501 + more))),
    );
    expect(moves.reduce((a, b) => a + b) / moves.length).toBeLessThan(4);
    // The most where the share, and with it the bound, becomes a higher whole number.
    expect(moves.filter((moved) => moved > 10).length).toBeLessThanOrEqual(4);
    expect(Math.max(...moves)).toBeLessThanOrEqual(33);
  });
});

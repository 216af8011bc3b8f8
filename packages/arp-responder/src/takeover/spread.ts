import type { RankedCandidate } from "./election.ts";
import { type BoundedLoad, placeWithinBounds } from "./spread-level.ts";

/** One election that counts for the spread: a service, or those that share an address. */
export interface SpreadElection {
  /** Elections are placed in this order, that of a hash: a new one has most of the others behind it unchanged. */
  readonly order: string;
  /** All candidates, live or not, the first choice first. */
  readonly ranked: readonly RankedCandidate[];
  /** The candidates that live and can serve. */
  readonly serving: ReadonlySet<string>;
  /** The node that keeps the election, since it is sticky; null for none. */
  readonly owner: string | null;
}

/** The node of an election, and the loads that led to it. */
export interface Placement {
  /** Null where no candidate serves. */
  readonly node: string | null;
  /** The node that has the election while all candidates serve; null without candidates. */
  readonly home: string | null;
  /** The loads among which `node` was found: those of all candidates where it is the home, those of the serving ones elsewhere. */
  readonly loads: ReadonlyMap<string, BoundedLoad>;
}

/**
 * Spreads elections over nodes. A pure function of its arguments, in any order: nodes that know the same facts agree.
 *
 * First every election gets a home among all its best candidates, live or not. Then those whose home does not serve are placed on nodes that do, where
 * these have room. So a node that is lost moves what it holds, and no election whose home serves; one that returns takes back its own. Both steps hold
 * the bound: a node has at most its share plus one. "Best" is the highest score: a preference comes before the spread.
 */
export function spread<Election extends SpreadElection>(
  elections: readonly Election[],
): ReadonlyMap<Election, Placement> {
  const ordered = elections.toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const homes = placeWithinBounds(
    ordered.map(({ ranked }) => ({ choices: bestOf(ranked, () => true), owner: null, home: null })),
  );
  const now = placeWithinBounds(
    ordered.map(({ ranked, serving, owner }, at) => ({
      choices: bestOf(ranked, (node) => serving.has(node)),
      owner,
      home: homes.placed[at] ?? null,
    })),
  );
  const placements = ordered.map((election, at): [Election, Placement] => {
    const [node, home] = [now.placed[at] ?? null, homes.placed[at] ?? null];
    return [election, { node, home, loads: node === home ? homes.loads : now.loads }];
  });
  return new Map(placements);
}

/** The candidates with the highest score of those that count, in their order. */
function bestOf(ranked: readonly RankedCandidate[], counts: (node: string) => boolean): readonly string[] {
  const best: string[] = [];
  let score: number | null = null;
  for (const candidate of ranked) {
    if (!counts(candidate.node)) continue;
    score ??= candidate.score;
    if (candidate.score !== score) break;
    best.push(candidate.node);
  }
  return best;
}

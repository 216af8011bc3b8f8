import { NOBODY } from "./node-numbers.ts";
import { type Placeable, placeWithinBounds, type SpreadLevel } from "./spread-level.ts";

/** One election that counts for the spread: a service, or those that share an address. Nodes are numbers. */
export interface SpreadElection {
  /** Elections are placed in this order, that of a hash: a new one has most of the others behind it unchanged. */
  readonly order: string;
  /** All candidates, live or not, the first choice first. */
  readonly candidates: readonly number[];
  /** The score of each candidate. */
  readonly scores: readonly number[];
  /** A mark for each node: 1 for one that lives and can serve. */
  readonly serving: Uint8Array;
  /** The node that keeps the election, since it is sticky; NOBODY for none. */
  readonly owner: number;
}

/** The node of an election, and the loads that led to it. */
export interface Placement {
  /** NOBODY where no candidate serves. */
  readonly node: number;
  /** The node that has the election while all candidates serve; NOBODY without candidates. */
  readonly home: number;
  /** The step in which `node` was found: among all candidates where it is the home, among the serving ones elsewhere. */
  readonly level: SpreadLevel;
}

/**
 * Spreads elections over `nodeCount` nodes. A pure function of its arguments, in any order: nodes that know the same facts agree.
 *
 * First every election gets a home among all its best candidates, live or not. Then those whose home does not serve are placed on nodes that do, where
 * these have room. So a node that is lost moves what it holds, and no election whose home serves; one that returns takes back its own. Both steps hold
 * the bound: a node has at most its share plus one. "Best" is the highest score: a preference comes before the spread.
 */
export function spread<Election extends SpreadElection>(
  elections: readonly Election[],
  nodeCount: number,
): ReadonlyMap<Election, Placement> {
  const ordered = elections.toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const everywhere = ordered.map((election): Placeable => ({ choices: bestOf(election), owner: NOBODY, home: NOBODY }));
  const homes = placeWithinBounds(everywhere, nodeCount);
  const serving = ordered.map(
    (election, at): Placeable => ({
      choices: bestServingOf(election),
      owner: election.owner,
      home: homes.placed[at] ?? NOBODY,
    }),
  );
  const now = placeWithinBounds(serving, nodeCount);
  const placements = ordered.map((election, at): [Election, Placement] => {
    const [node, home] = [now.placed[at] ?? NOBODY, homes.placed[at] ?? NOBODY];
    return [election, { node, home, level: node === home ? homes : now }];
  });
  return new Map(placements);
}

/** The candidates with the highest score, in their order. */
function bestOf({ candidates, scores }: SpreadElection): readonly number[] {
  let end = 0;
  while (end < candidates.length && scores[end] === scores[0]) end++;
  return end === candidates.length ? candidates : candidates.slice(0, end);
}

/** The candidates with the highest score of those that serve, in their order. */
function bestServingOf({ candidates, scores, serving }: SpreadElection): readonly number[] {
  const best: number[] = [];
  let score: number | undefined;
  // Hundreds of thousands of candidates may pass here on the way to a takeover: no iterator of pairs.
  for (let at = 0; at < candidates.length; at++) {
    const node = candidates[at] ?? NOBODY;
    if (serving[node] !== 1) continue;
    score ??= scores[at];
    if (scores[at] !== score) break;
    best.push(node);
  }
  return best;
}

import type { Book } from "./book.ts";
import { Attempt } from "./attempt.ts";
import { familiesWanted, poolsInOrder, poolsThatOwe } from "./choose.ts";
import type { Decision } from "./decision.ts";
import type { Demand } from "./demand.ts";
import type { PoolVerdict } from "./explanation.ts";
import type { PoolRefusal } from "./refusal.ts";

/** What every pool has to do with a decision, in the order in which they are tried. */
export function verdictsOn(book: Book, demand: Demand, decision: Decision): readonly PoolVerdict[] {
  const attempt = new Attempt(book, demand, [], book.now);
  const inOrder = poolsInOrder(attempt, poolsThatOwe(attempt, familiesWanted(demand)));
  const names = new Set([...inOrder, ...demand.permitted, ...book.pools.names]);
  return [...names].map((pool) => verdictOn(pool, book, demand, decision, inOrder));
}

function verdictOn(
  pool: string,
  book: Book,
  demand: Demand,
  { outcome, tried }: Decision,
  inOrder: readonly string[],
): PoolVerdict {
  if (outcome.assignment?.pool === pool) {
    const held = book.holdings.holders.get(demand.service)?.assignment.addresses ?? demand.recorded;
    const keeps = outcome.assignment.addresses.some((address) => held.includes(address));
    return { pool, verdict: keeps ? "Holds" : "Gives" };
  }
  const because = tried.filter((refusal) => refusal.pool === pool);
  if (because.length > 0) return { pool, verdict: "Refuses", refusals: distinct(because) };
  if (!inOrder.includes(pool))
    return { pool, verdict: demand.permitted.includes(pool) ? "NotEligible" : "NotPermitted" };
  return { pool, verdict: "NotTried" };
}

/** A pool may be tried twice: to complete what is held there, and anew. */
function distinct(refusals: readonly PoolRefusal[]): readonly PoolRefusal[] {
  return refusals.filter(({ family }, at) => refusals.findIndex((other) => other.family === family) === at);
}

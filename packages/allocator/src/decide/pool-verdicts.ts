import type { Demand } from "../demand.ts";
import type { PoolVerdict } from "../explanation.ts";
import type { PoolRefusal } from "../refusal.ts";
import type { AllocatorState } from "../state/allocator-state.ts";
import type { DemandDecision } from "./decision.ts";
import { poolsInOrder, preferredPools } from "./pool-order.ts";

/** The part of every pool in a decision, in the order in which the pools are tried. */
export function poolVerdicts(state: AllocatorState, demand: Demand, decision: DemandDecision): readonly PoolVerdict[] {
  const inOrder = [...poolsInOrder(state, demand, preferredPools(state, demand))];
  const names = new Set([...inOrder, ...demand.permitted, ...state.pools.names]);
  return [...names].map((pool) => verdictOn(pool, state, demand, decision, inOrder));
}

function verdictOn(
  pool: string,
  state: AllocatorState,
  demand: Demand,
  { outcome, tried }: DemandDecision,
  inOrder: readonly string[],
): PoolVerdict {
  if (outcome.assignment?.pool === pool) {
    const held = state.holdings.holders.get(demand.service)?.assignment.addresses ?? demand.recorded;
    const keeps = outcome.assignment.addresses.some((address) => held.includes(address));
    return { pool, verdict: keeps ? "Holds" : "Gives" };
  }
  const refusals = tried.filter((refusal) => refusal.pool === pool);
  if (refusals.length > 0) return { pool, verdict: "Refuses", refusals: firstOfEachFamily(refusals) };
  if (inOrder.includes(pool)) return { pool, verdict: "NotTried" };
  return { pool, verdict: demand.permitted.includes(pool) ? "NotEligible" : "NotPermitted" };
}

/** A pool may be tried twice: to complete what the service holds there, and for everything anew. */
function firstOfEachFamily(refusals: readonly PoolRefusal[]): readonly PoolRefusal[] {
  return refusals.filter(({ family }, at) => refusals.findIndex((other) => other.family === family) === at);
}

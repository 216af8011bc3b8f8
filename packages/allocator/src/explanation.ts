import type { Outcome } from "./outcome.ts";
import type { PoolRefusal } from "./refusal.ts";

/**
 * What one pool is to a demand. `Holds`: the service has its addresses there. `Gives`: it would be given some. `NotTried`: a pool before
 * it serves, or the demand names addresses elsewhere. `NotEligible`: the service may hold and request addresses there, but is given none
 * unasked. `NotPermitted`: it may hold none. `Refuses`: it was tried, and why it gave nothing.
 */
export type PoolVerdict =
  | { readonly pool: string; readonly verdict: "Holds" | "Gives" | "NotTried" | "NotEligible" | "NotPermitted" }
  | { readonly pool: string; readonly verdict: "Refuses"; readonly refusals: readonly PoolRefusal[] };

/** What `assign` would answer to a demand at this moment, and what every pool has to do with it, in the order in which they are tried. */
export interface Explanation {
  readonly outcome: Outcome;
  readonly pools: readonly PoolVerdict[];
}

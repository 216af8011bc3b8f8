import type { Outcome } from "./outcome.ts";
import type { PoolRefusal } from "./refusal.ts";

/**
 * The part of one pool in the decision on a demand. `Holds`: the service has its addresses there. `Gives`: the pool would assign some.
 * `NotTried`: a pool before it serves, or the demand requests addresses elsewhere. `NotEligible`: the service may hold and request
 * addresses there, but gets none unless it requests them. `NotPermitted`: it may hold none. `Refuses`: the pool was tried and gave nothing.
 */
export type PoolVerdict =
  | { readonly pool: string; readonly verdict: "Holds" | "Gives" | "NotTried" | "NotEligible" | "NotPermitted" }
  | { readonly pool: string; readonly verdict: "Refuses"; readonly refusals: readonly PoolRefusal[] };

/** The outcome that `assign` would return for a demand, and the part of every pool in it, in the order in which they are tried. */
export interface Explanation {
  readonly outcome: Outcome;
  readonly pools: readonly PoolVerdict[];
}

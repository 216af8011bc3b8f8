import { type ClientShares, isSameShares } from "./client-shares.ts";

/** The clients of an address that are divided among several nodes, as one of these nodes needs to know it. */
export interface LoadSharing {
  /** The name of this node, which is one of those that serve. */
  readonly node: string;
  readonly shares: ClientShares;
  /** True where a node that joins takes over its clients at once; otherwise it waits until each of them asks again. */
  readonly rebalance: boolean;
  /** The number of times that each node has joined, as far as this node knows: one that has joined again has forgotten its clients. */
  readonly joins: ReadonlyMap<string, number>;
}

/** The same as every node finds it. */
export interface SharingDecision extends Omit<LoadSharing, "node"> {
  /** A text that is equal for equal decisions. */
  readonly digest: string;
}

/** True where two divisions of an address's clients are the same. */
export function isSameSharing(a: LoadSharing, b: LoadSharing): boolean {
  return (
    a.node === b.node &&
    a.rebalance === b.rebalance &&
    a.joins.size === b.joins.size &&
    [...a.joins].every(([node, joins]) => b.joins.get(node) === joins) &&
    isSameShares(a.shares, b.shares)
  );
}

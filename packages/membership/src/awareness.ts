import type { Transaction } from "./transaction.ts";

/** Lifeguard's local health: worse after signs of a problem of this node, better after each answered probe. */
export function adjustAwareness(transaction: Transaction, by: number): void {
  const highest = transaction.setup.profile.awarenessMaxMultiplier - 1;
  transaction.awareness = Math.min(highest, Math.max(0, transaction.awareness + by));
}

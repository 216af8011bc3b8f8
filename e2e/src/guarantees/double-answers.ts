import type { Claim } from "../failover/claims.ts";

/** Claims of two stations that lie further apart than this are a change of the announcer and back, and no double answer. Milliseconds. */
const ALTERNATION = 1_000;

/**
 * The longest time for which two stations claimed an address by turns, in milliseconds: from the first claim of the second to the last
 * one of the first that came within a second of its own last.
 */
export function longestDoubleAnswer(claims: readonly Claim[], address: string): number {
  let longest = 0;
  let since: number | null = null;
  const last = new Map<string, number>();
  let before: Claim | null = null;
  for (const claim of claims.filter((each) => each.address === address)) {
    const own = last.get(claim.mac);
    const isBack = before !== null && before.mac !== claim.mac && own !== undefined && claim.at - own < ALTERNATION;
    if (isBack && before !== null) {
      since ??= before.at;
      longest = Math.max(longest, claim.at - since);
    }
    if (since !== null && !isBack && before?.mac === claim.mac && claim.at - (before?.at ?? 0) > ALTERNATION)
      since = null;
    last.set(claim.mac, claim.at);
    before = claim;
  }
  return Math.round(longest);
}

import type { Claim } from "./client/claim.ts";

/** The time at which the last of these addresses was claimed by another than the node that was lost; null while one was not. */
export function allTakenOver(
  claims: readonly Claim[],
  held: readonly string[],
  lost: { readonly mac: string; readonly at: number },
): number | null {
  const first = new Map<string, number>();
  for (const { at, address, mac } of claims)
    if (at >= lost.at && mac !== lost.mac && !first.has(address)) first.set(address, at);
  const times = held.map((address) => first.get(address) ?? Number.POSITIVE_INFINITY);
  const last = times.reduce((latest, time) => Math.max(latest, time), lost.at);
  return Number.isFinite(last) ? last : null;
}

/** The changes of announcer that the fault does not explain: before it, or of addresses that the lost node did not have. */
export function unexplained(
  claims: readonly Claim[],
  held: readonly string[],
  fault: { readonly at: number },
): readonly Claim[] {
  const explained = new Set(held);
  return claims.filter(({ at, address, before }) => before !== null && (at < fault.at || !explained.has(address)));
}

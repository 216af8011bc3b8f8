import type { BgpAdvertisementConfiguration } from "@herald-lb/k8s-glue/metallb";
import { byAge } from "@herald-lb/k8s-glue/objects";
import { familyOf, type IpAddress } from "@herald-lb/sansio";

/** Two advertisements that would give one route two values of LOCAL_PREF. */
export interface AdvertisementConflict {
  readonly kept: string;
  readonly dropped: string;
}

/**
 * Separates the advertisements of one Service on one node that can be used together from those in conflict: of two with different
 * localPref for one prefix and one peer, the older is used. Conflicts name the objects.
 */
export function withoutConflicts(
  advertisements: readonly BgpAdvertisementConfiguration[],
  addresses: readonly IpAddress[],
): {
  readonly serving: readonly BgpAdvertisementConfiguration[];
  readonly conflicts: readonly AdvertisementConflict[];
} {
  const serving: BgpAdvertisementConfiguration[] = [];
  const conflicts: AdvertisementConflict[] = [];
  for (const younger of advertisements.toSorted((a, b) => byAge(a.object, b.object))) {
    const older = serving.find((other) => conflicting(other, younger, addresses));
    if (older === undefined) serving.push(younger);
    else conflicts.push({ kept: older.object.name, dropped: younger.object.name });
  }
  return { serving, conflicts };
}

function conflicting(
  a: BgpAdvertisementConfiguration,
  b: BgpAdvertisementConfiguration,
  addresses: readonly IpAddress[],
): boolean {
  if (a.localPref === b.localPref) return false;
  const samePrefix = addresses.some((address) =>
    familyOf(address) === "IPv4"
      ? a.aggregationLength === b.aggregationLength
      : a.aggregationLengthV6 === b.aggregationLengthV6,
  );
  if (!samePrefix) return false;
  return a.peers === null || b.peers === null || a.peers.some((peer) => b.peers?.includes(peer) === true);
}

import {
  type BgpAdvertisementConfiguration,
  conflictingField,
  type SingleValuedField,
} from "@herald-lb/k8s-glue/metallb";
import { byAge } from "@herald-lb/k8s-glue/objects";
import { familyOf, type IpAddress } from "@herald-lb/sansio";

/** Two advertisements that would give one route two values of a field. */
export interface AdvertisementConflict {
  readonly kept: string;
  readonly dropped: string;
  readonly field: SingleValuedField;
}

/**
 * Separates the advertisements of one Service on one node that can be used together from those in conflict: of two with different values of a
 * field for one prefix and one peer, the older is used. Conflicts name the objects.
 */
export function withoutConflicts(
  advertisements: readonly BgpAdvertisementConfiguration[],
  addresses: readonly IpAddress[],
): {
  readonly serving: readonly BgpAdvertisementConfiguration[];
  readonly conflicts: readonly AdvertisementConflict[];
} {
  const families = new Set(addresses.map(familyOf));
  const serving: BgpAdvertisementConfiguration[] = [];
  const conflicts: AdvertisementConflict[] = [];
  for (const younger of advertisements.toSorted((a, b) => byAge(a.object, b.object))) {
    const conflict = firstConflict(serving, younger, families);
    if (conflict === null) serving.push(younger);
    else conflicts.push(conflict);
  }
  return { serving, conflicts };
}

function firstConflict(
  serving: readonly BgpAdvertisementConfiguration[],
  younger: BgpAdvertisementConfiguration,
  families: Parameters<typeof conflictingField>[2],
): AdvertisementConflict | null {
  for (const older of serving) {
    const field = conflictingField(older, younger, families);
    if (field !== null) return { kept: older.object.name, dropped: younger.object.name, field };
  }
  return null;
}

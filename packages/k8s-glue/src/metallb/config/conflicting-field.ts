import type { IpFamily } from "@herald-lb/sansio";
import type { BgpAdvertisementConfiguration } from "./configuration.ts";

/** The fields of a BGPAdvertisement of which one route has one value. */
const fields = ["localPref", "med", "asPathPrepend", "nextHop", "nextHopV6"] as const;

/** The name of such a field. */
export type SingleValuedField = (typeof fields)[number];

/**
 * The first field in which two advertisements of addresses of these families give one route to one peer two values; null where they can be used
 * together.
 */
export function conflictingField(
  a: BgpAdvertisementConfiguration,
  b: BgpAdvertisementConfiguration,
  families: ReadonlySet<IpFamily>,
): SingleValuedField | null {
  const same = {
    IPv4: families.has("IPv4") && a.aggregationLength === b.aggregationLength,
    IPv6: families.has("IPv6") && a.aggregationLengthV6 === b.aggregationLengthV6,
  };
  if (!same.IPv4 && !same.IPv6) return null;
  if (a.peers !== null && b.peers !== null && !a.peers.some((peer) => b.peers?.includes(peer) === true)) return null;
  const concerned: Readonly<Partial<Record<SingleValuedField, boolean>>> = { nextHop: same.IPv4, nextHopV6: same.IPv6 };
  return fields.find((field) => a[field] !== b[field] && (concerned[field] ?? true)) ?? null;
}

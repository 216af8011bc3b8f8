import type { Pool } from "@herald-lb/allocator";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import type { AddressRange } from "@herald-lb/sansio";
import type { IPAddressPoolSpec } from "../crd/ip-address-pool.ts";
import type { Requesters } from "./configuration.ts";
import { joined } from "./disjoint-ranges.ts";
import { noteNothingLeft, readExcluded } from "./excluded-addresses.ts";
import type { Faults } from "./faults.ts";
import { hostAddresses } from "./host-addresses.ts";
import { readReservations } from "./read-reservations.ts";
import type { Surroundings } from "./surroundings.ts";

/** Reads how a pool gives its addresses, and which of them not; a field that cannot be read has no effect, the rest of the pool serves. */
export function readPoolPolicy(
  spec: IPAddressPoolSpec,
  ranges: readonly AddressRange[],
  surroundings: Surroundings,
  faults: Faults,
): Omit<Pool, "name" | "ranges"> {
  const { avoidBuggyIPs, allocationOrder, sticky, maxAddressesPerNamespace, tenancy } = spec;
  const own = joined(ranges);
  const written = readExcluded(spec.excludeAddresses ?? [], own, faults);
  const excluded = [...written, ...hostAddresses(own, joined(written), surroundings, faults)];
  const gone = joined(excluded);
  noteNothingLeft(ranges, gone, faults);
  const reservations = readReservations(
    spec.reservations ?? [],
    { ranges: own, excluded: gone, avoidBuggyIPs },
    faults,
  );
  const coolDown = readCoolDown(spec.coolDown, faults);
  return {
    avoidBuggyIPs,
    ...(excluded.length === 0 ? {} : { excluded }),
    ...(reservations.length === 0 ? {} : { reservations }),
    ...(allocationOrder === undefined ? {} : { order: allocationOrder }),
    ...(coolDown === null ? {} : { coolDown }),
    ...(sticky === undefined ? {} : { sticky }),
    ...(maxAddressesPerNamespace === undefined ? {} : { maxPerAccount: maxAddressesPerNamespace }),
    ...(tenancy === undefined ? {} : { sharedAcrossAccounts: tenancy.sharing === "Cluster" }),
  };
}

/** Reads who may request a pool; null where it does not say. */
export function readRequesters({ tenancy }: IPAddressPoolSpec, faults: Faults): Requesters | null {
  if (tenancy === undefined) return null;
  const path = "spec.tenancy";
  return {
    namespaces: faults.unique(`${path}.namespaces`, tenancy.namespaces ?? []),
    namespaceSelectors: faults.selectors(`${path}.namespaceSelectors`, tenancy.namespaceSelectors),
  };
}

function readCoolDown(text: string | undefined, faults: Faults): number | null {
  if (text === undefined) return null;
  const duration = parseGoDuration(text);
  if (duration !== null && duration >= 0 && Number.isFinite(duration)) return duration;
  faults.partial("spec.coolDown", "BadDuration", `"${text}" is no duration such as 10m`, { text });
  return null;
}

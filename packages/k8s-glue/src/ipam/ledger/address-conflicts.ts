import type { Assignment, Pool } from "@herald-lb/allocator";
import { type NodeConflict, replacesConflicting } from "@herald-lb/k8s-glue/metallb";
import { deepEqual, type IpAddress, rangeContains } from "@herald-lb/sansio";
import type { ClusterFacts } from "../demand/cluster-facts.ts";

/** The pools for the allocator. In a pool that replaces them, the addresses that other stations have, and that no node announces beside them, are occupied. */
export function allocatorPools({ configuration, conflicts = new Map() }: ClusterFacts): readonly Pool[] {
  const taken = [...conflicts].filter(([, by]) => by.every(({ announcedElsewhere }) => announcedElsewhere !== true));
  return configuration.pools.map((each) => {
    if (taken.length === 0 || !replacesConflicting(each, configuration)) return each.pool;
    const { ranges } = each.pool;
    const occupied = taken.map(([address]) => address).filter((address) => isIn(ranges, address));
    return occupied.length === 0 ? each.pool : { ...each.pool, occupied };
  });
}

/** The stations that have an address of an assignment. */
export function conflictsOf(assignment: Assignment | null, { conflicts }: ClusterFacts): readonly NodeConflict[] {
  if (conflicts === undefined || conflicts.size === 0) return [];
  return (assignment?.addresses ?? []).flatMap((address) => conflicts.get(address) ?? []);
}

/** The addresses about which two states of the cluster have other conflicts. */
export function changedConflicts(before: ClusterFacts, now: ClusterFacts): readonly IpAddress[] {
  const [old = new Map(), present = new Map()] = [before.conflicts, now.conflicts];
  const addresses = new Set<IpAddress>([...old.keys(), ...present.keys()]);
  return [...addresses].filter((address) => !deepEqual(old.get(address), present.get(address)));
}

function isIn(ranges: Pool["ranges"], address: IpAddress): boolean {
  return ranges.some((range) => rangeContains(range, address));
}

import type { PoolChoice } from "@herald-lb/allocator";
import type { PoolConfiguration, Requesters, ServiceAllocation } from "@herald-lb/k8s-glue/metallb";
import {
  anySelectorMatches,
  type LabelSelector,
  type NamespaceLabels,
  type Service,
} from "@herald-lb/k8s-glue/objects";

/** The pools that a Service may use. */
export interface EligiblePools {
  /**
   * The pools that assign addresses without a request, best first: pools with a serviceAllocation by priority (0 last), then pools
   * for every Service. Equal pools are ordered by name, or form one choice. Pools with autoAssign off are left out.
   */
  readonly pools: readonly PoolChoice[];
  /** The names of the pools whose addresses the Service may hold. */
  readonly permitted: readonly string[];
  /** The names of the pools that the Service may request by name or by address. */
  readonly requestable: readonly string[];
}

/** Finds the pools that a Service may use; with `spread`, pools of equal rank form one choice. */
export function eligiblePools(
  pools: readonly PoolConfiguration[],
  service: Service,
  namespaces: NamespaceLabels,
  spread: boolean,
): EligiblePools {
  const namespace = service.metadata?.namespace ?? "";
  const permitted = pools.filter(
    ({ allocation }) =>
      permitsNamespace(allocation, namespace, namespaces) && permitsLabels(allocation, service.metadata?.labels ?? {}),
  );
  return rankedPools(permitted, namespace, namespaces, spread);
}

/** Ranks the pools that a Service of this namespace may use. */
export function rankedPools(
  permitted: readonly PoolConfiguration[],
  namespace: string,
  namespaces: NamespaceLabels,
  spread: boolean,
): EligiblePools {
  const given = permitted
    .filter(({ autoAssign }) => autoAssign)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || (a.pool.name < b.pool.name ? -1 : 1));
  const requestable = permitted.filter(({ requesters }) => mayRequest(requesters, namespace, namespaces));
  return {
    pools: spread ? grouped(given) : given.map(nameOf),
    permitted: permitted.map(nameOf),
    requestable: requestable.map(nameOf),
  };
}

/**
 * True if a pool's serviceAllocation admits Services of a namespace. Selectors that match no namespace admit none: an empty match
 * differs from no restriction.
 */
export function permitsNamespace(
  allocation: ServiceAllocation | null,
  namespace: string,
  namespaces: NamespaceLabels,
): boolean {
  return allocation === null || isAmong(allocation, namespace, namespaces);
}

/** True if a pool's serviceAllocation admits a Service with these labels. */
export function permitsLabels(allocation: ServiceAllocation | null, labels: Readonly<Record<string, string>>): boolean {
  if (allocation === null || allocation.serviceSelectors.length === 0) return true;
  return anySelectorMatches(allocation.serviceSelectors, labels);
}

function mayRequest(requesters: Requesters | null, namespace: string, namespaces: NamespaceLabels): boolean {
  return requesters === null || isAmong(requesters, namespace, namespaces);
}

interface NamespaceChoice {
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
}

function isAmong(choice: NamespaceChoice, namespace: string, namespaces: NamespaceLabels): boolean {
  if (choice.namespaces.length === 0 && choice.namespaceSelectors.length === 0) return true;
  if (choice.namespaces.includes(namespace)) return true;
  return anySelectorMatches(choice.namespaceSelectors, namespaces.get(namespace) ?? {});
}

function grouped(sorted: readonly PoolConfiguration[]): readonly PoolChoice[] {
  const byRank = Map.groupBy(sorted, rankOf);
  return [...byRank.values()].map((group) => (group.length === 1 ? group.map(nameOf).join("") : group.map(nameOf)));
}

function rankOf({ allocation }: PoolConfiguration): number {
  if (allocation === null) return Number.MAX_VALUE;
  // The schema limits priorities to 32 bits, so 0 ranks behind every other priority and ahead of pools without a serviceAllocation.
  return allocation.priority === 0 ? Number.MAX_SAFE_INTEGER : allocation.priority;
}

function nameOf({ pool }: PoolConfiguration): string {
  return pool.name;
}

import type { PoolChoice } from "@herald-lb/allocator";
import type { PoolConfiguration, Requesters, ServiceAllocation } from "@herald-lb/k8s-glue/metallb";
import {
  anySelectorMatches,
  type LabelSelector,
  type NamespaceLabels,
  type Service,
} from "@herald-lb/k8s-glue/objects";

/** Which pools are there for a Service that names none. */
export interface EligiblePools {
  /**
   * Those it is given addresses from, best first: those pinned to it by priority (0 last), then those that are for everybody. Ties are
   * by name, or one choice of several. Pools without autoAssign are not among them.
   */
  readonly pools: readonly PoolChoice[];
  /** Those it may hold an address of, by name. */
  readonly permitted: readonly string[];
  /** Those it may ask for by name, or for addresses of. */
  readonly requestable: readonly string[];
}

/** Chooses pools for a Service; with `spread`, pools of one rank are one choice. */
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

/** Ranks pools that let a Service of this namespace in. */
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
 * Whether a pool's serviceAllocation lets Services of a namespace in. A pool that names namespaces by selectors which match none is
 * closed to everybody: an empty match is not the same as no restriction.
 */
export function permitsNamespace(
  allocation: ServiceAllocation | null,
  namespace: string,
  namespaces: NamespaceLabels,
): boolean {
  return allocation === null || isAmong(allocation, namespace, namespaces);
}

/** Whether a pool's serviceAllocation lets a Service of these labels in. */
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
  // The schema holds priorities to 32 bits, so that 0 ranks behind every other pinned pool and ahead of the rest.
  return allocation.priority === 0 ? Number.MAX_SAFE_INTEGER : allocation.priority;
}

function nameOf({ pool }: PoolConfiguration): string {
  return pool.name;
}

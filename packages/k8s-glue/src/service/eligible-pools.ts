import type { PoolConfiguration } from "../config/configuration.ts";
import { anySelectorMatches } from "../label-selector.ts";
import type { Service } from "../objects.ts";

/** Labels of each Namespace by its name. */
export type NamespaceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Whether a pool's serviceAllocation lets this Service in. A pool that names namespaces by selectors which match none is closed to
 * everybody: an empty match is not the same as no restriction.
 */
export function poolPermits(pool: PoolConfiguration, service: Service, namespaces: NamespaceLabels): boolean {
  const { allocation } = pool;
  if (allocation === null) return true;
  const namespace = service.metadata?.namespace ?? "";
  const restricted = allocation.namespaces.length > 0 || allocation.namespaceSelectors.length > 0;
  const named = allocation.namespaces.includes(namespace);
  const selected = () => anySelectorMatches(allocation.namespaceSelectors, namespaces.get(namespace) ?? {});
  if (restricted && !named && !selected()) return false;
  if (allocation.serviceSelectors.length === 0) return true;
  return anySelectorMatches(allocation.serviceSelectors, service.metadata?.labels ?? {});
}

/**
 * The pools that a Service which names none is given addresses from, best first: those pinned to it by priority (0 last), then those
 * that are for everybody; ties by name. Pools without autoAssign are not among them.
 */
export function poolsInOrder(
  pools: readonly PoolConfiguration[],
  service: Service,
  namespaces: NamespaceLabels,
): readonly string[] {
  const open = pools.filter((pool) => pool.autoAssign && poolPermits(pool, service, namespaces));
  return open.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.pool.name < b.pool.name ? -1 : 1)).map(nameOf);
}

function rankOf({ allocation }: PoolConfiguration): number {
  if (allocation === null) return Number.MAX_VALUE;
  // The schema holds priorities to 32 bits, so that 0 ranks behind every other pinned pool and ahead of the rest.
  return allocation.priority === 0 ? Number.MAX_SAFE_INTEGER : allocation.priority;
}

function nameOf({ pool }: PoolConfiguration): string {
  return pool.name;
}

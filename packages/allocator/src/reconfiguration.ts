import type { ServiceKey } from "./demand.ts";

/** The result of a change of pools and quotas: which pools changed, and which services must ask again. */
export interface Reconfiguration {
  /** The names of the pools that are new, different or gone. */
  readonly changedPools: ReadonlySet<string>;
  /** The holders whose addresses no longer lie in the pool that gave them, that no pool gives any more, or that are occupied in a changed pool. */
  readonly displaced: readonly ServiceKey[];
  /**
   * The services whose last refusal depends on a pool or a quota that changed: the answer may be another now, or the same with other
   * facts. `takeWoken` returns, besides, those of them for which something is free.
   */
  readonly outdated: readonly ServiceKey[];
}

import type { Configuration } from "../config/configuration.ts";

/**
 * Whether nothing is known of what Services may hold: no pool, and an old ConfigMap that cannot be read. Nothing may be taken away by
 * such a configuration, as nothing was meant to be.
 */
export function isUnknown({ pools, issues }: Pick<Configuration, "pools" | "issues">): boolean {
  return pools.length === 0 && issues.some(({ object, effect }) => object.kind === "ConfigMap" && effect !== "Noted");
}

import type { Configuration } from "../config/configuration.ts";

/**
 * True if it is unknown which addresses Services may hold: there is no pool, and an old ConfigMap that cannot be read. Such a
 * configuration takes no address away.
 */
export function isUnknown({ pools, issues }: Pick<Configuration, "pools" | "issues">): boolean {
  return pools.length === 0 && issues.some(({ object, effect }) => object.kind === "ConfigMap" && effect !== "Noted");
}

import type { Demand, Port, ServiceKey } from "./demand.ts";
import type { Obstacle } from "./refusal.ts";

/** What a holder of an address brought with it: all that decides whether another may join. */
export interface Claim {
  readonly service: ServiceKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly backendKey: string;
}

/** The claim that a demand makes on an address. */
export function claimOf(demand: Demand): Claim {
  return {
    service: demand.service,
    ports: demand.ports,
    sharingKey: demand.sharingKey,
    backendKey: demand.backendKey,
  };
}

/**
 * Why `claim` cannot join `holder` on one address; null when it can. Both must name the same sharing key and the same backends,
 * and no pair of protocol and port may be on both. A service never stands in its own way.
 */
export function obstacleBetween(claim: Claim, holder: Claim): Obstacle | null {
  if (claim.service === holder.service) return null;
  if (claim.sharingKey === null) return { code: "NotShared" };
  if (holder.sharingKey !== claim.sharingKey) return { code: "SharingKey", theirs: holder.sharingKey };
  if (holder.backendKey !== claim.backendKey) return { code: "Backend", theirs: holder.backendKey };
  for (const port of claim.ports) {
    if (holder.ports.some((taken) => taken.port === port.port && taken.protocol === port.protocol)) {
      return { code: "Port", port };
    }
  }
  return null;
}

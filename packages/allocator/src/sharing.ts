import type { AccountKey, Port, ServiceKey } from "./demand.ts";
import type { SharingConflict } from "./refusal.ts";

const none: readonly AccountKey[] = [];

/** All of a demand, or of a holder of an address, that decides whether others may be on one address with it. */
export interface Claim {
  readonly service: ServiceKey;
  readonly account?: AccountKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly sharesWith?: readonly AccountKey[];
  readonly backendKey: string;
}

/**
 * Why `claim` cannot join `holder` on one address; null when it can. Both must name the same sharing key and the same backends,
 * and no pair of protocol and port may be on both; where sharing is `confined`, both must be of one account or name each other's.
 * A service never stands in its own way.
 */
export function sharingConflict(claim: Claim, holder: Claim, confined: boolean): SharingConflict | null {
  if (claim.service === holder.service) return null;
  if (claim.sharingKey === null) return { code: "NotShared" };
  if (holder.sharingKey !== claim.sharingKey) return { code: "SharingKey", theirs: holder.sharingKey };
  if (confined && !(consents(claim, holder) && consents(holder, claim))) {
    return { code: "OtherAccount", theirs: holder.account ?? "" };
  }
  if (holder.backendKey !== claim.backendKey) return { code: "Backend", theirs: holder.backendKey };
  for (const port of claim.ports) {
    if (holder.ports.some((taken) => taken.port === port.port && taken.protocol === port.protocol)) {
      return { code: "Port", port };
    }
  }
  return null;
}

/** Whether two claims of one service are the same to everyone else. */
export function sameClaim(a: Claim, b: Claim): boolean {
  return (
    (a.account ?? "") === (b.account ?? "") &&
    a.sharingKey === b.sharingKey &&
    a.backendKey === b.backendKey &&
    sameItems(a.sharesWith ?? none, b.sharesWith ?? none) &&
    sameItems(a.ports, b.ports, (one, other) => one.port === other.port && one.protocol === other.protocol)
  );
}

function consents({ account = "", sharesWith = [] }: Claim, { account: other = "" }: Claim): boolean {
  return account === other || sharesWith.includes(other) || sharesWith.includes("*");
}

/** Whether two lists are the same item by item. */
export function sameItems<Item>(
  a: readonly Item[],
  b: readonly Item[],
  same: (one: Item, other: Item) => boolean = Object.is,
): boolean {
  return a === b || (a.length === b.length && a.every((item, at) => same(item, b[at] as Item)));
}

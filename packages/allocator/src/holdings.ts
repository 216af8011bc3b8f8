import type { IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";
import type { Obstacle } from "./refusal.ts";
import { type Claim, obstacleBetween } from "./sharing.ts";

/** Who stands in the way on an address, and why. */
export interface Blocked {
  readonly by: ServiceKey;
  readonly because: Obstacle;
}

/** Who holds which address. */
export class Holdings {
  readonly #holders = new Map<IpAddress, Claim[]>();
  readonly #bySharingKey = new Map<string, Set<IpAddress>>();

  /** Whether anyone holds the address. */
  isHeld(address: IpAddress): boolean {
    return this.#holders.has(address);
  }

  /** Everyone who holds the address, in the order they came. */
  holdersOf(address: IpAddress): readonly Claim[] {
    return this.#holders.get(address) ?? [];
  }

  /** Who keeps `claim` off the address; null when nobody does. */
  blocked(address: IpAddress, claim: Claim): Blocked | null {
    for (const holder of this.holdersOf(address)) {
      const because = obstacleBetween(claim, holder);
      if (because !== null) return { by: holder.service, because };
    }
    return null;
  }

  /** Addresses held under a sharing key, in no order. */
  sharedUnder(sharingKey: string): Iterable<IpAddress> {
    return this.#bySharingKey.get(sharingKey) ?? [];
  }

  /** Adds a holder, or replaces what the same service claimed on the address before. Says whether the address was free. */
  add(address: IpAddress, claim: Claim): boolean {
    const holders = this.#holders.get(address);
    if (claim.sharingKey !== null) {
      const shared = this.#bySharingKey.get(claim.sharingKey);
      if (shared === undefined) this.#bySharingKey.set(claim.sharingKey, new Set([address]));
      else shared.add(address);
    }
    if (holders === undefined) {
      this.#holders.set(address, [claim]);
      return true;
    }
    const at = holders.findIndex((holder) => holder.service === claim.service);
    if (at < 0) holders.push(claim);
    else {
      const before = (holders[at] as Claim).sharingKey;
      holders[at] = claim;
      if (before !== claim.sharingKey) this.#forgetKey(address, before);
    }
    return false;
  }

  /** Takes a service off an address. Says whether the address is free now. */
  remove(address: IpAddress, service: ServiceKey): boolean {
    const holders = this.#holders.get(address);
    const at = holders?.findIndex((holder) => holder.service === service) ?? -1;
    if (holders === undefined || at < 0) return false;
    const [claim] = holders.splice(at, 1) as [Claim];
    if (holders.length === 0) this.#holders.delete(address);
    this.#forgetKey(address, claim.sharingKey);
    return holders.length === 0;
  }

  #forgetKey(address: IpAddress, sharingKey: string | null): void {
    if (sharingKey === null || this.holdersOf(address).some((holder) => holder.sharingKey === sharingKey)) return;
    const shared = this.#bySharingKey.get(sharingKey);
    shared?.delete(address);
    if (shared?.size === 0) this.#bySharingKey.delete(sharingKey);
  }
}

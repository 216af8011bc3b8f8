import type { ServiceKey } from "@herald-lb/allocator";
import type { IpAddress } from "@herald-lb/sansio";

type Addresses = readonly IpAddress[];

/**
 * The Services whose last assignment was not seen in their status yet, each with the status at that decision. A status that then
 * differs was written meanwhile by the leader before this one, whose write was late; readers of statuses already follow it.
 */
export class PendingStatus {
  readonly #decidedOn = new Map<ServiceKey, string>();

  /** True if a status names addresses that were written after the present ones were decided and before these were written. */
  isOutdated(service: ServiceKey, recorded: Addresses): boolean {
    const basis = this.#decidedOn.get(service);
    return basis !== undefined && recorded.length > 0 && basis !== textOf(recorded);
  }

  /** Records a decision: the addresses that a Service held, those it holds now, and those in its status. */
  record(service: ServiceKey, before: Addresses, now: Addresses, recorded: Addresses): void {
    if (textOf(now) === textOf(recorded)) this.#decidedOn.delete(service);
    else if (textOf(now) !== textOf(before)) this.#decidedOn.set(service, textOf(recorded));
  }

  /** Removes a deleted Service. */
  forget(service: ServiceKey): void {
    this.#decidedOn.delete(service);
  }
}

function textOf(addresses: Addresses): string {
  return addresses.toSorted().join(" ");
}

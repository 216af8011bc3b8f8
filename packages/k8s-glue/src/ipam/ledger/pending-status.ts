import type { ServiceKey } from "@herald-lb/allocator";
import type { IpAddress } from "@herald-lb/sansio";

type Addresses = readonly IpAddress[];

/**
 * The Services whose newest addresses their status was not seen to say yet, each with what it said when those were decided on. Where it
 * then says something else, that was written meanwhile: by a leader before this one whose write was late, and whoever reads statuses goes
 * by it already.
 */
export class PendingStatus {
  readonly #decidedOn = new Map<ServiceKey, string>();

  /** Whether a status names addresses that were written after the present ones were decided on and before those were. */
  isOutdated(service: ServiceKey, recorded: Addresses): boolean {
    const basis = this.#decidedOn.get(service);
    return basis !== undefined && recorded.length > 0 && basis !== textOf(recorded);
  }

  /** Takes a decision: what a Service held, what it holds now, and what its status says. */
  decided(service: ServiceKey, before: Addresses, now: Addresses, recorded: Addresses): void {
    if (textOf(now) === textOf(recorded)) this.#decidedOn.delete(service);
    else if (textOf(now) !== textOf(before)) this.#decidedOn.set(service, textOf(recorded));
  }

  /** The Service is gone. */
  forget(service: ServiceKey): void {
    this.#decidedOn.delete(service);
  }
}

function textOf(addresses: Addresses): string {
  return addresses.toSorted().join(" ");
}

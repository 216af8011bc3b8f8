import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "./demand.ts";
import { Fifo } from "./fifo.ts";
import type { Place } from "./page.ts";

/** An address that was given back: by whom and when. What cool-down, stickiness and the least recently used order go by. */
export interface Release {
  readonly address: IpAddress;
  readonly service: ServiceKey;
  readonly at: Instant;
}

/** A parting in the book. */
export interface Rest {
  readonly parting: Release;
  readonly place: Place;
  /** Until when the address goes to nobody else; null when that is over. */
  coolsUntil: Instant | null;
  /** Whether the address was given out again, or the parting forgotten. */
  gone: boolean;
}

const none: ReadonlySet<Rest> = new Set();

/** The partings of addresses that nobody holds now, oldest first. */
export class PartingLog {
  /** How many it should keep at most. */
  static readonly limit = 65_536;
  readonly #inOrder = new Fifo<Rest>();
  readonly #byAddress = new Map<IpAddress, Rest>();
  readonly #byService = new Map<ServiceKey, Set<Rest>>();

  /** Whether it holds more than it should: the oldest is to be forgotten. */
  get isOverfull(): boolean {
    return this.#byAddress.size > PartingLog.limit;
  }

  /** The oldest parting. */
  get oldest(): Rest | undefined {
    return this.#inOrder.peek();
  }

  /** Who had an address last. */
  of(address: IpAddress): Rest | undefined {
    return this.#byAddress.get(address);
  }

  /** What a service gave back and nobody took since. */
  by(service: ServiceKey): ReadonlySet<Rest> {
    return this.#byService.get(service) ?? none;
  }

  /** Adds a parting, no older than those already there. */
  add(rest: Rest): void {
    const { address, service } = rest.parting;
    this.#inOrder.push(rest);
    rest.place.page.partings++;
    this.#byAddress.set(address, rest);
    const others = this.#byService.get(service);
    if (others === undefined) this.#byService.set(service, new Set([rest]));
    else others.add(rest);
  }

  /** Strikes out the parting of an address, and returns it. */
  remove(address: IpAddress): Rest | undefined {
    const rest = this.#byAddress.get(address);
    if (rest === undefined) return undefined;
    rest.gone = true;
    rest.place.page.partings--;
    this.#byAddress.delete(address);
    const others = this.#byService.get(rest.parting.service);
    others?.delete(rest);
    if (others?.size === 0) this.#byService.delete(rest.parting.service);
    return rest;
  }

  /** Every parting, oldest first. */
  [Symbol.iterator](): Iterator<Rest> {
    return this.#inOrder[Symbol.iterator]();
  }
}

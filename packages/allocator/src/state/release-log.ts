import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { ServiceKey } from "../demand.ts";
import type { Release } from "../release.ts";
import { Fifo } from "./fifo.ts";

/** A release in the log, with the slot of its address. */
export interface ReleaseRecord<Slot> {
  readonly release: Release;
  readonly slot: Slot;
  /** The instant until which no other service is given the address; null once that is over. */
  coolsUntil: Instant | null;
  /** True once the address was assigned again or the release was dropped. */
  isRemoved: boolean;
}

const none: ReadonlySet<never> = new Set();

/** A log of the releases whose addresses nobody holds now, oldest first. */
export class ReleaseLog<Slot> {
  /** The most releases that the log should hold. */
  static readonly limit = 65_536;
  readonly #inOrder = new Fifo<ReleaseRecord<Slot>>();
  readonly #byAddress = new Map<IpAddress, ReleaseRecord<Slot>>();
  readonly #byService = new Map<ServiceKey, Set<ReleaseRecord<Slot>>>();

  /** True if the log holds more than it should: the oldest release is to be dropped. */
  get isOverLimit(): boolean {
    return this.#byAddress.size > ReleaseLog.limit;
  }

  /** The oldest release; undefined if there is none. */
  get oldest(): ReleaseRecord<Slot> | undefined {
    return this.#inOrder.peek();
  }

  /** The release of an address; undefined if there is none. */
  of(address: IpAddress): ReleaseRecord<Slot> | undefined {
    return this.#byAddress.get(address);
  }

  /** The releases of a service whose addresses nobody took since. */
  by(service: ServiceKey): ReadonlySet<ReleaseRecord<Slot>> {
    return this.#byService.get(service) ?? none;
  }

  /** Adds a release, no older than those already in the log. */
  add(record: ReleaseRecord<Slot>): void {
    const { address, service } = record.release;
    this.#inOrder.push(record);
    this.#byAddress.set(address, record);
    const others = this.#byService.get(service);
    if (others === undefined) this.#byService.set(service, new Set([record]));
    else others.add(record);
  }

  /** Removes the release of an address, and returns it; undefined if there is none. */
  remove(address: IpAddress): ReleaseRecord<Slot> | undefined {
    const record = this.#byAddress.get(address);
    if (record === undefined) return undefined;
    record.isRemoved = true;
    this.#byAddress.delete(address);
    const others = this.#byService.get(record.release.service);
    others?.delete(record);
    if (others?.size === 0) this.#byService.delete(record.release.service);
    return record;
  }

  /** The releases, oldest first. */
  [Symbol.iterator](): Iterator<ReleaseRecord<Slot>> {
    return this.#inOrder[Symbol.iterator]();
  }
}

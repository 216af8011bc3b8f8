import type { AccountKey, Demand, Port, ServiceKey } from "../demand.ts";
import type { Assignment } from "../outcome.ts";
import type { SharingTerms } from "../sharing.ts";
import type { HeldSlot } from "./pool-family.ts";

const noAccounts: readonly AccountKey[] = [];

/** A service that holds addresses, with the terms on which others may share them. */
export class Holder implements Required<SharingTerms> {
  readonly service: ServiceKey;
  readonly account: AccountKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly sharesWith: readonly AccountKey[];
  readonly backendKey: string;
  /** The name of the pool that assigned its addresses. */
  pool: string;
  /** The slots of its addresses, in the order of the assignment; one slot stands alone, to save the memory of an array. */
  #slots: HeldSlot | readonly HeldSlot[];

  constructor(demand: Demand, pool: string, slots: readonly HeldSlot[]) {
    this.service = demand.service;
    this.account = demand.account ?? "";
    this.ports = demand.ports;
    this.sharingKey = demand.sharingKey;
    this.sharesWith = demand.sharesWith ?? noAccounts;
    this.backendKey = demand.backendKey;
    this.pool = pool;
    this.#slots = slots.length === 1 ? (slots[0] as HeldSlot) : slots;
  }

  /** The slot of its only address; null if it has several. */
  get onlySlot(): HeldSlot | null {
    return isList(this.#slots) ? null : this.#slots;
  }

  /** The slots of its addresses, in the order of the assignment. */
  get slots(): readonly HeldSlot[] {
    return isList(this.#slots) ? this.#slots : [this.#slots];
  }

  /** The pool and the addresses that it holds. */
  get assignment(): Assignment {
    const slots = this.#slots;
    return { pool: this.pool, addresses: isList(slots) ? slots.map(({ address }) => address) : [slots.address] };
  }

  /** Replaces the slot of one of its addresses by another slot of the same address. */
  replaceSlot(to: HeldSlot): void {
    const slots = this.#slots;
    this.#slots = isList(slots) ? slots.map((slot) => (slot.address === to.address ? to : slot)) : to;
  }
}

function isList(slots: HeldSlot | readonly HeldSlot[]): slots is readonly HeldSlot[] {
  return Array.isArray(slots);
}

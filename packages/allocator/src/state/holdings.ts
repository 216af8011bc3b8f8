import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { AccountKey, Demand, ServiceKey } from "../demand.ts";
import { equalLists } from "../equality.ts";
import type { Assignment } from "../outcome.ts";
import { detachedSlot } from "../range/bitmap-page.ts";
import { equalTerms } from "../sharing.ts";
import { accountHolds, AccountUsage } from "./account-usage.ts";
import { Holder } from "./holder.ts";
import type { Observer } from "./observer.ts";
import { type HeldSlot, isPoolSlot } from "./pool-family.ts";

const equalSlots = equalLists<HeldSlot>();

/** The services that hold addresses, and the addresses that each of them holds. */
export class Holdings {
  readonly #holders = new Map<ServiceKey, Holder>();
  readonly #bySharingKey = new Map<string, Map<IpAddress, HeldSlot>>();
  readonly #orphans = new Map<IpAddress, HeldSlot>();
  readonly #observer: Observer;
  #accountUsage: AccountUsage | null = null;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** The holders by service. */
  get holders(): ReadonlyMap<ServiceKey, Holder> {
    return this.#holders;
  }

  /** The slots of the addresses that are held under a sharing key, in no order. */
  sharedUnder(sharingKey: string): Iterable<HeldSlot> {
    return this.#bySharingKey.get(sharingKey)?.values() ?? [];
  }

  /** The slot of an address that is held although no pool assigns it; null for any other address. */
  orphan(address: IpAddress): HeldSlot | null {
    return this.#orphans.get(address) ?? null;
  }

  /** The slots of all addresses that are held although no pool assigns them. */
  get orphans(): Iterable<HeldSlot> {
    return this.#orphans.values();
  }

  /** The number of addresses that each account holds; null while no limit makes it count. */
  get accountUsage(): AccountUsage | null {
    return this.#accountUsage;
  }

  /** Counts the addresses of all accounts anew, or stops counting. */
  countAccounts(isLimited: boolean): void {
    this.#accountUsage = isLimited ? new AccountUsage() : null;
    if (!isLimited) return;
    const counted = new Map<AccountKey, Set<IpAddress>>();
    for (const { account, slots } of this.#holders.values()) {
      const addresses = counted.get(account) ?? new Set();
      counted.set(account, addresses);
      for (const slot of slots) {
        if (!addresses.has(slot.address)) this.#accountUsage?.add(account, slot, 1);
        addresses.add(slot.address);
      }
    }
  }

  /** Lets a service hold exactly these slots, on the terms of its demand. Slots that it held already are the same objects. */
  hold(demand: Demand, pool: string, slots: readonly HeldSlot[], now: Instant): void {
    const before = this.#holders.get(demand.service);
    const after = new Holder(demand, pool, slots);
    if (before === undefined) {
      this.#holders.set(demand.service, after);
      for (const slot of slots) this.#join(slot, after);
      return;
    }
    const onSameTerms = equalTerms(before, after);
    const held = before.slots;
    if (onSameTerms && equalSlots(held, slots)) {
      before.pool = pool;
      return;
    }
    this.#holders.set(demand.service, after);
    for (const slot of slots) {
      if (held.includes(slot)) this.#replace(slot, before, after, onSameTerms);
      else this.#join(slot, after);
    }
    for (const slot of held) if (!slots.includes(slot)) this.#leave(slot, before, now);
  }

  /** Releases everything that a service holds. Returns what it held; null if it held nothing. */
  release(service: ServiceKey, now: Instant): Assignment | null {
    const holder = this.#holders.get(service);
    if (holder === undefined) return null;
    this.#holders.delete(service);
    const only = holder.onlySlot;
    if (only !== null) this.#leave(only, holder, now);
    else for (const slot of holder.slots) this.#leave(slot, holder, now);
    return holder.assignment;
  }

  /** Moves the holders of an address to its new slot; null if no pool assigns it any more, which makes it an orphan. */
  move(from: HeldSlot, to: HeldSlot | null): void {
    const slot = to ?? detachedSlot(from.address);
    for (const { service } of from.holders) {
      const holder = this.#holders.get(service) as Holder;
      if (slot.page.addHolder(slot.index, holder) && isPoolSlot(slot)) slot.poolFamily.markHeld(slot);
      from.page.removeHolder(from.index, holder);
      holder.replaceSlot(slot);
      if (holder.sharingKey !== null) this.#bySharingKey.get(holder.sharingKey)?.set(slot.address, slot);
    }
    if (to === null) this.#orphans.set(slot.address, slot);
    else this.#orphans.delete(slot.address);
  }

  #join(slot: HeldSlot, holder: Holder): void {
    const isFirst = slot.page.addHolder(slot.index, holder);
    if (isFirst && isPoolSlot(slot)) slot.poolFamily.markHeld(slot);
    this.#count(slot, holder);
    this.#indexSharing(slot, holder);
    if (holder.sharingKey !== null) this.#observer.slotChanged(slot);
  }

  #replace(slot: HeldSlot, before: Holder, after: Holder, onSameTerms: boolean): void {
    slot.page.replaceHolder(slot.index, before, after);
    if (onSameTerms) return;
    if (before.account !== after.account) {
      this.#uncount(slot, before);
      this.#count(slot, after);
    }
    this.#unindexSharing(slot, before);
    this.#indexSharing(slot, after);
    this.#observer.slotChanged(slot);
  }

  #leave(slot: HeldSlot, holder: Holder, now: Instant): void {
    const wasLast = slot.page.removeHolder(slot.index, holder);
    this.#uncount(slot, holder);
    this.#unindexSharing(slot, holder);
    if (wasLast && isPoolSlot(slot)) slot.poolFamily.markReleased(slot, holder.service, now);
    else if (wasLast) this.#orphans.delete(slot.address);
    this.#observer.slotChanged(slot);
  }

  /** Counts the address for the account, unless another of its services holds it. */
  #count(slot: HeldSlot, { service, account }: Holder): void {
    const usage = this.#accountUsage;
    if (usage !== null && !accountHolds(account, slot, service)) usage.add(account, slot, 1);
  }

  /** Undoes `#count`: the holder left the address, or is of another account now. */
  #uncount(slot: HeldSlot, { service, account }: Holder): void {
    const usage = this.#accountUsage;
    if (usage === null || accountHolds(account, slot, service)) return;
    usage.add(account, slot, -1);
    this.#observer.accountReleased(account, isPoolSlot(slot) ? slot.poolFamily.pool.name : null);
  }

  #indexSharing(slot: HeldSlot, { sharingKey }: Holder): void {
    if (sharingKey === null) return;
    const slots = this.#bySharingKey.get(sharingKey);
    if (slots === undefined) this.#bySharingKey.set(sharingKey, new Map([[slot.address, slot]]));
    else slots.set(slot.address, slot);
  }

  /** Undoes `#indexSharing`, unless another holder of the address has the same key. */
  #unindexSharing(slot: HeldSlot, { sharingKey }: Holder): void {
    if (sharingKey === null || slot.holders.some((other) => other.sharingKey === sharingKey)) return;
    const slots = this.#bySharingKey.get(sharingKey);
    slots?.delete(slot.address);
    if (slots?.size === 0) this.#bySharingKey.delete(sharingKey);
  }
}

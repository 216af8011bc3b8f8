import { familyOf, type Instant, type IpAddress, type IpFamily, RangeMap, subtractRanges } from "@herald-lb/sansio";
import type { ServiceKey } from "../demand.ts";
import type { Pool } from "../pool.ts";
import type { RangeBitmap } from "../range/range-bitmap.ts";
import type { UnusedPages } from "../range/unused-pages.ts";
import type { Usage } from "../usage.ts";
import { equalPools } from "./pool-equality.ts";
import { PoolFamily, type PoolReleases, type PoolSlot } from "./pool-family.ts";

/** The pool whose ranges contain an address, and whether it assigns the address. */
export interface PoolLocation {
  readonly pool: string;
  readonly code: "Usable" | "Avoided" | "Excluded";
}

interface PoolEntry {
  readonly pool: Pool;
  readonly families: Readonly<Record<IpFamily, PoolFamily | null>>;
}

/** The construction of a pool set. */
export interface PoolSetOptions {
  readonly pools: readonly Pool[];
  /** The set that it replaces; null for the first. */
  readonly before: PoolSet | null;
  readonly releases: PoolReleases;
  readonly unusedPages: UnusedPages;
}

/** The configured pools with their addresses. Their ranges do not overlap: the caller makes sure. */
export class PoolSet {
  /** The names of the pools that are new, different or gone, beside the set before. */
  readonly changed: ReadonlySet<string>;
  /** The pool families of the set before that are not in this one. */
  readonly replaced: readonly PoolFamily[];
  readonly #entries: ReadonlyMap<string, PoolEntry>;
  readonly #bitmaps = new RangeMap<RangeBitmap<PoolFamily>>();
  readonly #pools = new RangeMap<Pool>();
  readonly #reservations = new Map<ServiceKey, PoolSlot[]>();
  readonly #withCoolDown: readonly PoolFamily[];

  /** A set in which the pools that are as they were `before` keep all that is in them. */
  constructor({ pools, before, releases, unusedPages }: PoolSetOptions) {
    const known = before === null ? new Map<string, PoolEntry>() : before.#entries;
    const entries = new Map<string, PoolEntry>();
    const changed = new Set(known.keys());
    for (const pool of pools) {
      const entry = known.get(pool.name);
      const isSame = entry !== undefined && equalPools(entry.pool, pool);
      if (isSame) changed.delete(pool.name);
      else changed.add(pool.name);
      entries.set(pool.name, isSame ? entry : { pool, families: familiesOf(pool, releases, unusedPages) });
    }
    this.changed = changed;
    this.#entries = entries;
    this.replaced = before === null ? [] : before.families.filter(({ pool }) => changed.has(pool.name));
    this.#withCoolDown = this.families.filter(({ pool }) => (pool.coolDown ?? 0) > 0);
    for (const { bitmaps } of this.families) for (const bitmap of bitmaps) this.#bitmaps.insert(bitmap.range, bitmap);
    for (const { pool } of entries.values()) for (const range of pool.ranges) this.#pools.insert(range, pool);
    for (const { pool } of entries.values()) {
      if (changed.has(pool.name)) this.#occupyIn(pool);
      this.#reserveIn(pool);
    }
  }

  /** The names of all pools, in the order given. */
  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The families of all pools. */
  get families(): readonly PoolFamily[] {
    return [...this.#entries.values()].flatMap(({ families }) =>
      [families.IPv4, families.IPv6].filter((family) => family !== null),
    );
  }

  /** The pool of a name; null for an unknown one. */
  pool(name: string): Pool | null {
    return this.#entries.get(name)?.pool ?? null;
  }

  /** The addresses that a pool has of a family; null for an unknown pool or one without the family. */
  family(pool: string, family: IpFamily): PoolFamily | null {
    return this.#entries.get(pool)?.families[family] ?? null;
  }

  /** The slot of an address that a pool assigns; null for any other address. */
  find(address: IpAddress): PoolSlot | null {
    return this.#bitmaps.find(address)?.value.slotOf(address) ?? null;
  }

  /** The pool whose ranges contain an address; null if there is none. */
  locate(address: IpAddress): PoolLocation | null {
    const pool = this.#pools.find(address)?.value;
    if (pool === undefined) return null;
    const bitmap = this.#bitmaps.find(address);
    if (bitmap === null) return { pool: pool.name, code: "Excluded" };
    return { pool: pool.name, code: bitmap.value.slotOf(address) === null ? "Avoided" : "Usable" };
  }

  /** True if a changed pool contains the address, of this set or of the set `before`. */
  hasChangedAt(address: IpAddress, before: PoolSet): boolean {
    return [before, this].some((set) => {
      const pool = set.#pools.find(address)?.value;
      return pool !== undefined && this.changed.has(pool.name);
    });
  }

  /** The slots that are reserved for a service, in the order of the pools and as written. */
  reservedFor(service: ServiceKey): readonly PoolSlot[] {
    return this.#reservations.size === 0 ? [] : (this.#reservations.get(service) ?? []);
  }

  /** Makes the addresses available that have cooled down by `now`, and returns them. */
  expireCoolDowns(now: Instant): readonly PoolSlot[] {
    if (this.#withCoolDown.length === 0) return [];
    return this.#withCoolDown.flatMap((family) => family.expireCoolDowns(now));
  }

  /** The use of a pool by family; null for an unknown pool. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    const families = this.#entries.get(pool)?.families;
    if (families === undefined) return null;
    return { IPv4: usageOf(families.IPv4), IPv6: usageOf(families.IPv6) };
  }

  /** Sets the occupied addresses of a new pool aside. */
  #occupyIn({ name, occupied = [] }: Pool): void {
    for (const address of occupied) {
      const slot = this.find(address);
      if (slot?.poolFamily.pool.name === name) slot.poolFamily.occupy(slot);
    }
  }

  /** Reserves the addresses of a new pool's reservations, and indexes those of every pool by service. */
  #reserveIn(pool: Pool): void {
    for (const { service, addresses } of pool.reservations ?? []) {
      for (const address of addresses) {
        const slot = this.find(address);
        if (slot === null || slot.poolFamily.pool.name !== pool.name) continue;
        if (this.changed.has(pool.name)) slot.poolFamily.reserve(slot, service);
        if (slot.poolFamily.reservedFor(address) !== service) continue;
        const others = this.#reservations.get(service);
        if (others === undefined) this.#reservations.set(service, [slot]);
        else others.push(slot);
      }
    }
  }
}

function familiesOf(pool: Pool, releases: PoolReleases, unusedPages: UnusedPages): PoolEntry["families"] {
  const familyIn = (family: IpFamily): PoolFamily | null => {
    const written = pool.ranges.filter(({ first }) => familyOf(first) === family);
    if (written.length === 0) return null;
    const ranges = written.flatMap((range) => subtractRanges(range, pool.excluded ?? []));
    return new PoolFamily({ pool, family, ranges, releases, unusedPages });
  };
  return { IPv4: familyIn("IPv4"), IPv6: familyIn("IPv6") };
}

function usageOf(family: PoolFamily | null): Usage {
  if (family === null) return { assigned: 0n, available: 0n };
  return { assigned: BigInt(family.held), available: family.usable - BigInt(family.held) };
}

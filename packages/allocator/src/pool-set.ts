import {
  type AddressRange,
  familyOf,
  type Instant,
  type IpAddress,
  ipAddressToBigInt,
  type IpFamily,
} from "@herald-lb/sansio";
import { bySpan, type Span, spanning, spanOf, without } from "./address-runs.ts";
import type { ServiceKey } from "./demand.ts";
import type { Place } from "./page.ts";
import type { PartingLog } from "./parting.ts";
import type { SparePages } from "./spare-pages.ts";
import type { Pool } from "./pool.ts";
import type { Run } from "./run.ts";
import { Stock } from "./stock.ts";

/** How much of one pool is in use, one family at a time. An address that several services share counts once. */
export interface Usage {
  readonly assigned: bigint;
  readonly available: bigint;
}

/** A pool that spans an address, and whether it gives it out. */
export interface Whereabouts {
  readonly pool: string;
  readonly code: "Usable" | "Avoided" | "Excluded";
}

interface PoolEntry {
  readonly pool: Pool;
  /** All that the pool says, as text: equal for equal pools. */
  readonly terms: string;
  readonly stocks: Readonly<Record<IpFamily, Stock | null>>;
}

interface PoolSpan extends Span {
  readonly pool: Pool;
}

/** The configured pools, with what is free in each. Ranges do not overlap: the caller made sure. */
export class PoolSet {
  /** The pools that are not as they were in the set before, by name: new, different or gone. */
  readonly changed: ReadonlySet<string>;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #runs: Readonly<Record<IpFamily, Run[]>> = { IPv4: [], IPv6: [] };
  readonly #spans: Readonly<Record<IpFamily, PoolSpan[]>> = { IPv4: [], IPv6: [] };
  readonly #reservations = new Map<ServiceKey, Place[]>();
  readonly #cooling: readonly Stock[];
  readonly #replaced: readonly Stock[];

  /** The set of `pools`; those which are as they were `before` are taken over with all that is in them. */
  constructor(pools: readonly Pool[], before: PoolSet | null, log: PartingLog, spares: SparePages) {
    const changed = new Set(before?.names);
    for (const pool of pools) {
      const terms = termsOf(pool);
      const known = before === null ? undefined : before.#entries.get(pool.name);
      const isSame = known?.terms === terms;
      if (isSame) changed.delete(pool.name);
      else changed.add(pool.name);
      this.#entries.set(pool.name, isSame ? known : { pool, terms, stocks: stocksOf(pool, log, spares) });
    }
    this.changed = changed;
    this.#replaced = [...(before?.stocks ?? [])].filter(({ pool }) => changed.has(pool.name));
    const stocks = [...this.stocks];
    this.#cooling = stocks.filter(({ pool }) => (pool.coolDown ?? 0) > 0);
    for (const { family, runs } of stocks) this.#runs[family].push(...runs);
    for (const { pool } of this.#entries.values()) {
      for (const range of pool.ranges) this.#spans[familyOf(range.first)].push({ ...spanOf(range), pool });
    }
    for (const family of ["IPv4", "IPv6"] as const) {
      this.#runs[family].sort(bySpan);
      this.#spans[family].sort(bySpan);
    }
    this.#reserve();
  }

  /** Names of all pools, in the order given. */
  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** What all pools have. */
  get stocks(): Iterable<Stock> {
    return [...this.#entries.values()].flatMap(({ stocks }) =>
      [stocks.IPv4, stocks.IPv6].filter((stock) => stock !== null),
    );
  }

  /** The stocks of the set before that are not in this one. */
  get replaced(): readonly Stock[] {
    return this.#replaced;
  }

  /** A pool; null for an unknown one. */
  pool(name: string): Pool | null {
    return this.#entries.get(name)?.pool ?? null;
  }

  /** What a pool has of a family; null for an unknown pool or one without the family. */
  stock(pool: string, family: IpFamily): Stock | null {
    return this.#entries.get(pool)?.stocks[family] ?? null;
  }

  /** Where an address is kept that can be given out; null for any other. */
  find(address: IpAddress): Place | null {
    const value = ipAddressToBigInt(address);
    return spanning(this.#runs[familyOf(address)], value)?.at(value, address) ?? null;
  }

  /** The pool that spans an address; null when none does. */
  whereabouts(address: IpAddress): Whereabouts | null {
    const value = ipAddressToBigInt(address);
    const pool = spanning(this.#spans[familyOf(address)], value)?.pool;
    if (pool === undefined) return null;
    const run = spanning(this.#runs[familyOf(address)], value);
    if (run === null) return { pool: pool.name, code: "Excluded" };
    return { pool: pool.name, code: run.at(value, address) === null ? "Avoided" : "Usable" };
  }

  /** The addresses that are kept for a service, by the order of the pools and as written. */
  reservedFor(service: ServiceKey): readonly Place[] {
    return this.#reservations.size === 0 ? [] : (this.#reservations.get(service) ?? []);
  }

  /** Makes available what has cooled down by `now`, and returns it. */
  mature(now: Instant): readonly Place[] {
    return this.#cooling.length === 0 ? [] : this.#cooling.flatMap((stock) => stock.mature(now));
  }

  /** What is in use and what is left of a pool; null for an unknown one. */
  usageOf(pool: string): Readonly<Record<IpFamily, Usage>> | null {
    const stocks = this.#entries.get(pool)?.stocks;
    if (stocks === undefined) return null;
    return { IPv4: usageOf(stocks.IPv4), IPv6: usageOf(stocks.IPv6) };
  }

  #reserve(): void {
    for (const { pool } of this.#entries.values()) {
      for (const { service, addresses } of pool.reservations ?? []) {
        for (const address of addresses) {
          const place = this.find(address);
          if (place?.page.run.stock?.pool.name !== pool.name) continue;
          if (this.changed.has(pool.name)) place.page.run.stock.reserve(place, service);
          if (place.page.run.stock.reservedFor(address) !== service) continue;
          const others = this.#reservations.get(service);
          if (others === undefined) this.#reservations.set(service, [place]);
          else others.push(place);
        }
      }
    }
  }
}

function stocksOf(pool: Pool, log: PartingLog, spares: SparePages): PoolEntry["stocks"] {
  const stock = (family: IpFamily): Stock | null => {
    const ranges = pool.ranges.filter(({ first }) => familyOf(first) === family);
    if (ranges.length === 0) return null;
    return new Stock(
      pool,
      family,
      ranges.flatMap((range) => without(range, pool.excluded ?? [])),
      log,
      spares,
    );
  };
  return { IPv4: stock("IPv4"), IPv6: stock("IPv6") };
}

function usageOf(stock: Stock | null): Usage {
  if (stock === null) return { assigned: 0n, available: 0n };
  return { assigned: BigInt(stock.held), available: stock.usable - BigInt(stock.held) };
}

function termsOf(pool: Pool): string {
  const rangeText = ({ first, last }: AddressRange): string => `${first}-${last}`;
  return JSON.stringify([
    pool.name,
    pool.ranges.map(rangeText),
    pool.avoidBuggyIPs,
    (pool.excluded ?? []).map(rangeText),
    (pool.reservations ?? []).map(({ service, addresses }) => [service, addresses]),
    pool.order ?? "LowestFirst",
    pool.coolDown ?? 0,
    pool.sticky ?? false,
    pool.maxPerAccount ?? null,
    pool.sharedAcrossAccounts ?? true,
  ]);
}

import type { IpFamily } from "@herald-lb/sansio";
import type { Attempt, Yield } from "./attempt.ts";
import type { Book } from "./book.ts";
import type { Demand, PoolChoice } from "./demand.ts";
import type { Place } from "./page.ts";
import type { PoolSet } from "./pool-set.ts";
import { whyNotGive } from "./why-not.ts";

/** Places of one pool for one service. */
export interface Choice {
  readonly pool: string;
  readonly places: readonly Place[];
  /** The families wanted of which it has none. */
  readonly missing: readonly IpFamily[];
}

const either: Readonly<Record<IpFamily, readonly IpFamily[]>> = { IPv4: ["IPv4", "IPv6"], IPv6: ["IPv6", "IPv4"] };

/** The families a service shall have where nothing is short, the primary first. */
export function familiesWanted({ families: wish }: Demand): readonly IpFamily[] {
  return wish.type === "All" ? wish.families : either[wish.primary];
}

/**
 * What `chooseFresh` comes to in the plain case: one address of one family, nothing shared, counted, owed or noted, and the first pool
 * has one. Null in any other case, which is not to say that there is none.
 */
export function choosePlain({ pools, holdings, partings }: Book, demand: Demand): Place | null {
  const { families: wish, perFamily = 1, pools: choices, service } = demand;
  const [pool] = choices;
  const family = wish.type === "All" && wish.families.length === 1 ? wish.families[0] : undefined;
  if (family === undefined || perFamily !== 1 || typeof pool !== "string" || demand.sharingKey !== null) return null;
  if (holdings.tally !== null || pools.reservedFor(service).length > 0 || partings.by(service).size > 0) return null;
  const stock = pools.stock(pool, family);
  return stock?.isPlain === true ? stock.lowest() : null;
}

/**
 * Addresses for a service that has none: of the first pool that gives every family wanted. Pools that owe it something come first:
 * an address kept for it, or one it had. Where both families are only preferred and no pool has both, the first pool with the primary
 * serves, else the first with the secondary. Null when there is nothing; the attempt knows why.
 */
export function chooseFresh(attempt: Attempt): Choice | null {
  const { demand } = attempt;
  const wanted = familiesWanted(demand);
  const prefers = demand.families.type === "PreferBoth";
  const fallback = new Map<IpFamily, Choice>();
  const owing = poolsThatOwe(attempt, wanted);
  for (const pool of owing.size === 0 ? inOrder(demand, wanted, attempt.book.pools) : poolsInOrder(attempt, owing)) {
    const given = attempt.from(pool, wanted, []);
    if (given.families.length === wanted.length) return choiceOf(pool, given, wanted);
    if (!prefers || given.families.length === 0) continue;
    const choice = choiceOf(pool, given, wanted);
    if (owing.get(pool)?.every((family) => given.families.includes(family)) === true) return choice;
    for (const family of given.families) if (!fallback.has(family)) fallback.set(family, choice);
  }
  for (const family of wanted) {
    const choice = fallback.get(family);
    if (choice !== undefined) return choice;
  }
  return null;
}

function choiceOf(pool: string, given: Yield, wanted: readonly IpFamily[]): Choice {
  if (given.families.length === wanted.length) return { pool, places: given.places, missing: [] };
  return { pool, places: given.places, missing: wanted.filter((family) => !given.families.includes(family)) };
}

/** The pools of a demand, one by one, in the order in which they are tried when none of them owes anything. */
function* inOrder(demand: Demand, wanted: readonly IpFamily[], pools: PoolSet): Iterable<string> {
  for (const choice of demand.pools) {
    if (typeof choice === "string") yield choice;
    else yield* byFreeShare(choice, wanted, pools);
  }
}

/** The pools of a demand in the order in which they are tried. */
export function poolsInOrder(attempt: Attempt, owing: ReadonlyMap<string, unknown>): readonly string[] {
  const { demand, book } = attempt;
  const names = [...inOrder(demand, familiesWanted(demand), book.pools)];
  return [...owing.keys(), ...names.filter((name) => !owing.has(name))];
}

/**
 * The pools from which a service is given certain addresses of its own, with their families: first those that keep an address for it,
 * also where it is given nothing unasked; then those that are sticky and had it.
 */
export function poolsThatOwe(attempt: Attempt, wanted: readonly IpFamily[]): ReadonlyMap<string, readonly IpFamily[]> {
  const { book, demand } = attempt;
  const reserved = book.pools.reservedFor(demand.service);
  const partings = book.partings.by(demand.service);
  if (reserved.length === 0 && partings.size === 0) return none;
  const eligible = demand.pools.flat();
  const had = [...partings]
    .map(({ place }) => place)
    .filter(({ page }) => {
      const pool = page.run.stock?.pool;
      return pool?.sticky === true && eligible.includes(pool.name);
    });
  const kept = reserved.filter(({ page }) => demand.permitted.includes(page.run.stock?.pool.name ?? ""));
  const owing = new Map<string, IpFamily[]>();
  for (const group of [kept, had]) {
    const due = group.filter(
      (place) => wanted.includes(place.page.run.family) && whyNotGive(demand, place, book, attempt.now) === null,
    );
    const names = new Set(due.map(({ page }) => page.run.stock?.pool.name ?? ""));
    for (const name of new Set([...eligible.filter((each) => names.has(each)), ...names])) {
      const families = owing.get(name) ?? [];
      owing.set(name, families);
      for (const { page } of due) if (page.run.stock?.pool.name === name) families.push(page.run.family);
    }
  }
  return owing;
}

const none: ReadonlyMap<string, readonly IpFamily[]> = new Map();

/** The pools of one rank, the one with the largest free part first: of the family of which it has the least left. */
function byFreeShare(
  names: Exclude<PoolChoice, string>,
  wanted: readonly IpFamily[],
  pools: PoolSet,
): readonly string[] {
  const shares = new Map(names.map((name) => [name, freeShare(name, wanted, pools)]));
  const share = (name: string): Share => shares.get(name) as Share;
  return names.toSorted((a, b) => -compareShares(share(a), share(b)));
}

interface Share {
  readonly free: bigint;
  readonly of: bigint;
}

function freeShare(name: string, wanted: readonly IpFamily[], pools: PoolSet): Share {
  let least: Share | null = null;
  for (const family of wanted) {
    const stock = pools.stock(name, family);
    if (stock === null || stock.usable === 0n) continue;
    const share = { free: stock.usable - BigInt(stock.held), of: stock.usable };
    if (least === null || compareShares(share, least) < 0) least = share;
  }
  return least ?? { free: 0n, of: 1n };
}

function compareShares(a: Share, b: Share): number {
  const difference = a.free * b.of - b.free * a.of;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

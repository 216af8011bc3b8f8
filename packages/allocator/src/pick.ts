import { compareIpAddresses, type Instant } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { Demand } from "./demand.ts";
import type { Place } from "./page.ts";
import type { Stock } from "./stock.ts";
import { accountHolds } from "./tally.ts";
import { whyNotGive, whyNotStay } from "./why-not.ts";

/** Who an address is picked for, and when. */
export interface Seeker {
  readonly book: Book;
  readonly demand: Demand;
  readonly now: Instant;
  /** What the service holds and would give up: the address that it is given may be one of these. */
  readonly loses: readonly Place[];
}

/**
 * The address that a stock gives a service next; null when it has none. Those kept for the service come first, then those it holds,
 * then those it gave back itself where the pool is sticky, then the pool's order. With `isFull` the account may hold no more addresses:
 * only those come into question that another of its services holds. `picked` are those chosen already.
 */
export function pickPlace(seeker: Seeker, stock: Stock, picked: readonly Place[], isFull: boolean): Place | null {
  const { book, demand, loses } = seeker;
  if (stock.isPlain && demand.sharingKey === null && loses.length === 0) return isFull ? null : stock.lowest();
  const may = (place: Place): boolean =>
    place.page.run.stock === stock &&
    !picked.some(({ address }) => address === place.address) &&
    !place.page.holdersAt(place.slot).some(({ service }) => service === demand.service) &&
    (!isFull || accountHolds(demand.account ?? "", place, demand.service)) &&
    whyNotGive(demand, place, book, seeker.now) === null;

  if (stock.hasReserved) {
    const reserved = book.pools.reservedFor(demand.service).find(may);
    if (reserved !== undefined) return reserved;
  }
  const own = loses.find(
    (place) =>
      place.page.run.stock === stock &&
      !picked.includes(place) &&
      (!isFull || accountHolds(demand.account ?? "", place, demand.service)) &&
      whyNotStay(demand, place, book) === null,
  );
  if (own !== undefined) return own;
  const mine = isFull || !stock.keepsPartings ? [] : ownPartings(seeker, stock).filter(may);
  if (stock.pool.sticky === true && mine.length > 0) return mine[0] as Place;

  const shared =
    demand.sharingKey === null ? null : lowest([...book.holdings.sharedUnder(demand.sharingKey)].filter(may));
  if (isFull) return shared;
  if (stock.pool.order !== "LeastRecentlyUsed") {
    const free = stock.lowest();
    if (shared === null && mine.length === 0) return free;
    return lowest([shared, free, ...mine].filter((place) => place !== null));
  }
  if (shared !== null) return shared;
  const never = stock.lowest();
  if (never !== null) return never;
  for (const { place } of stock.rested) if (may(place)) return place;
  return mine[0] ?? null;
}

/** What a service gave back to the stock itself and nobody took since, lowest first. */
function ownPartings({ book, demand }: Seeker, stock: Stock): readonly Place[] {
  const places = [...book.partings.by(demand.service)].map(({ place }) => place);
  return places.filter(({ page }) => page.run.stock === stock).toSorted(comparePlaces);
}

function lowest(places: readonly Place[]): Place | null {
  return places.reduce<Place | null>(
    (least, place) => (least !== null && comparePlaces(least, place) < 0 ? least : place),
    null,
  );
}

/** Orders places of one stock: by its runs, then by address. */
function comparePlaces(a: Place, b: Place): number {
  return a.page.run.index - b.page.run.index || compareIpAddresses(a.address, b.address);
}

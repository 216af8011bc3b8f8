import { compareIpAddresses, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { Demand } from "./demand.ts";
import type { Holder } from "./holder.ts";
import type { Place } from "./page.ts";
import type { Refusal } from "./refusal.ts";
import { whyNotKeep, whyNotStay } from "./why-not.ts";

/** What of a service's addresses may stay. */
export interface LegalPart {
  /** All that may stay as far as others are concerned: of one pool, in ascending order. */
  readonly legal: readonly Place[];
  /** Of those, the families wanted, and of each no more than are wanted: the lowest. */
  readonly kept: readonly Place[];
  /** Why the first of the others may not stay; null when all are legal. */
  readonly refusal: Refusal | null;
}

const nothing: LegalPart = { legal: [], kept: [], refusal: null };

/** What of the addresses that a service holds, or else of those on record, may stay. The first legal one's pool decides. */
export function legalPart(
  book: Book,
  demand: Demand,
  holder: Holder | undefined,
  held: readonly IpAddress[],
  families: readonly IpFamily[],
): LegalPart {
  if (held.length === 0) return nothing;
  let refusal: Refusal | null = null;
  const legal: Place[] = [];
  for (const address of held) {
    const own = holder?.places.find((place) => place.address === address);
    const why =
      (own === undefined ? whyNotKeep(demand, address, book) : whyNotStay(demand, own, book)) ??
      whyNotBesideOwn(legal, own ?? (book.find(address) as Place));
    if (why === null) legal.push(own ?? (book.find(address) as Place));
    else refusal ??= why;
  }
  const count = demand.perFamily ?? 1;
  if (legal.length === 1 && count > 0) {
    return { legal, kept: families.includes((legal[0] as Place).page.run.family) ? legal : [], refusal };
  }
  const sorted = legal.toSorted((a, b) => compareIpAddresses(a.address, b.address));
  const kept = families.flatMap((family) => sorted.filter(({ page }) => page.run.family === family).slice(0, count));
  return { legal: sorted, kept, refusal };
}

function whyNotBesideOwn(legal: readonly Place[], place: Place): Refusal | null {
  const [first] = legal;
  if (first === undefined || first.page.run.stock?.pool === place.page.run.stock?.pool) return null;
  return { code: "AddressesInSeveralPools", addresses: [...legal, place].map(({ address }) => address) };
}

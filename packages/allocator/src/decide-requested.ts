import { familyOf, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import { Attempt } from "./attempt.ts";
import { familiesWanted } from "./choose.ts";
import { type Case, countOf, type Decision, poolOf, recordedInVain, settle, type Shortfall } from "./decision.ts";
import type { Demand } from "./demand.ts";
import type { Place } from "./page.ts";
import type { Refusal } from "./refusal.ts";
import { whyNotRequest } from "./why-not.ts";

/**
 * Decides on a demand that names addresses. They are taken all or none; where fewer are named than wanted, the rest is filled from
 * their pool, with what the service holds there before anything new. A wish that cannot be met leaves alone what serves now, or, where
 * the demand says so, the service without any.
 */
export function decideRequested(known: Case): Decision {
  const { book, demand, now, holder } = known;
  const { legal } = known.legal;
  const refusal = fits(demand)
    ? whyNotAny(known)
    : { code: "FamilyMismatch" as const, requested: demand.requested, wanted: familiesWanted(demand) };
  if (refusal !== null) return impossible(known, refusal);

  const requested = demand.requested.map((address) => placeOf(known, address));
  const pool = poolOf(requested[0] as Place);
  const count = demand.perFamily ?? 1;
  const families = [...new Set(demand.requested.map(familyOf))];
  const base = [...requested];
  for (const place of legal) {
    const { family } = place.page.run;
    const isUseful = poolOf(place) === pool && families.includes(family) && !base.includes(place);
    if (isUseful && countOf(base, family) < count) base.push(place);
  }
  const fresh = requested.filter((place) => !legal.includes(place));
  const search = (): Attempt =>
    new Attempt(
      book,
      demand,
      (holder?.places ?? []).filter((place) => !base.includes(place)),
      now,
    );
  let attempt = search();
  let overQuota = attempt.spend(pool, fresh);
  // What is named comes before what is only kept beside it.
  while (overQuota !== null && base.length > requested.length) {
    base.pop();
    attempt = search();
    overQuota = attempt.spend(pool, fresh);
  }
  if (overQuota !== null) return impossible(known, overQuota);

  const short = families.filter((family) => countOf(base, family) < count);
  if (short.length === 0) return settle(known, base);
  const more = attempt.from(pool, short, base);
  const isWhole = more.families.length === short.length;
  return settle(known, [...base, ...more.places], { refusal: isWhole ? null : attempt.refusal, tried: attempt.tried });
}

function impossible(known: Case, refusal: Refusal): Decision {
  const { demand, legal, book } = known;
  const shortfall: Shortfall = {
    refusal,
    missed: [...("address" in refusal ? [refusal.address] : []), ...recordedInVain(known)],
    hangsOn:
      refusal.code === "QuotaReached"
        ? demand.requested.map((address) => ({
            pool: book.pools.whereabouts(address)?.pool ?? "",
            family: familyOf(address),
            code: "QuotaReached",
            account: refusal.account,
            limit: refusal.limit,
          }))
        : [],
  };
  return demand.ifImpossible === "Release"
    ? settle(known, [], { ...shortfall, givenUp: legal.refusal ?? refusal })
    : settle(known, legal.kept, { ...shortfall, givenUp: legal.refusal });
}

/** Whether the families of the requested addresses can meet the wish. */
function fits({ requested, families, perFamily = 1 }: Demand): boolean {
  if (new Set(requested).size < requested.length) return false;
  const named = (family: IpFamily): number => requested.filter((address) => familyOf(address) === family).length;
  if (named("IPv4") > perFamily || named("IPv6") > perFamily) return false;
  if (families.type === "PreferBoth") return true;
  const wanted = families.families;
  return (
    wanted.every((family) => named(family) > 0) && requested.every((address) => wanted.includes(familyOf(address)))
  );
}

function whyNotAny(known: Case): Refusal | null {
  const { demand, book, now, legal } = known;
  for (const address of demand.requested) {
    if (legal.legal.some((place) => place.address === address)) continue;
    const refusal = whyNotRequest(demand, address, book, now);
    if (refusal !== null) return refusal;
  }
  const pools = new Set(demand.requested.map((address) => poolOf(placeOf(known, address))));
  return pools.size > 1 ? { code: "AddressesInSeveralPools", addresses: demand.requested } : null;
}

/** Where a requested address is kept: the service's own place when it has one. */
function placeOf({ book, legal, holder }: Case, address: IpAddress): Place {
  const own = legal.legal.find((place) => place.address === address);
  return own ?? holder?.places.find((place) => place.address === address) ?? (book.find(address) as Place);
}

/**
 * How an address is chosen. A demand is held against what the service has: what it holds, or else what is on record. Whatever of that
 * is still legal stays; only what is missing is looked for, in the pool that gave the rest; only when that cannot be is everything
 * given up and chosen anew. Nothing is taken from a service before its replacement is found. A decision changes nothing.
 */
import type { Instant, IpAddress } from "@herald-lb/sansio";
import { Attempt } from "./attempt.ts";
import type { Book } from "./book.ts";
import { chooseFresh, choosePlain, familiesWanted } from "./choose.ts";
import { assigned, type Case, countOf, type Decision, poolOf, recordedInVain, settle } from "./decision.ts";
import { decideRequested } from "./decide-requested.ts";
import type { Demand } from "./demand.ts";
import { legalPart } from "./legal-part.ts";
import type { Place } from "./page.ts";
import { whyNotGive } from "./why-not.ts";

const nothing: readonly never[] = [];

/** Decides on a demand. */
export function decide(book: Book, demand: Demand, now: Instant): Decision {
  const decision = decideInPermitted(book, demand, now);
  if (decision.outcome.assignment !== null || demand.retainedPools === undefined) return decision;
  if (demand.ifImpossible === "Release" && demand.requested.length > 0) return decision;
  const holder = book.holdings.holders.get(demand.service);
  const held = holder?.assignment.addresses ?? demand.recorded;
  const legal = legalPart(book, withTolerated(demand), holder, held, familiesWanted(demand));
  if (legal.kept.length === 0) return decision;
  const { refusal } = decision.outcome;
  return settle({ book, demand, now, holder, held, legal }, legal.kept, {
    ...decision,
    refusal,
    givenUp: legal.refusal,
  });
}

function decideInPermitted(book: Book, demand: Demand, now: Instant): Decision {
  const holder = book.holdings.holders.get(demand.service);
  const held = holder?.assignment.addresses ?? demand.recorded;
  if (held.length === 0 && demand.requested.length === 0) {
    const place = choosePlain(book, demand);
    if (place !== null) return assigned(place);
  }
  const legal = legalPart(book, demand, holder, held, familiesWanted(demand));
  const known: Case = { book, demand, now, holder, held, legal };
  if (demand.requested.length > 0) return decideRequested(known);
  return legal.kept.length > 0 ? decideToComplete(known) : decideAfresh(known, nothing);
}

/** Decides what of a service's record it may keep, of whichever family, and looks for nothing else. */
export function decideToAdopt(book: Book, demand: Demand, now: Instant): Decision {
  const holder = book.holdings.holders.get(demand.service);
  const held = demand.recorded;
  const legal = legalPart(book, withTolerated(demand), holder, held, ["IPv4", "IPv6"]);
  return settle({ book, demand, now, holder, held, legal }, legal.kept, {
    refusal: legal.refusal,
    givenUp: legal.refusal,
  });
}

function withTolerated(demand: Demand): Demand {
  const { permitted, retainedPools } = demand;
  return retainedPools === undefined ? demand : { ...demand, permitted: [...permitted, ...retainedPools] };
}

function decideToComplete(known: Case): Decision {
  const { book, demand, now, holder } = known;
  const { kept, refusal: givenUp } = known.legal;
  const wanted = familiesWanted(demand);
  const count = demand.perFamily ?? 1;
  const short = kept.length === wanted.length * count ? nothing : wanted.filter((each) => countOf(kept, each) < count);
  if (short.length === 0) return settle(known, kept, { givenUp });

  const loses = (holder?.places ?? nothing).filter((place) => !kept.includes(place));
  const attempt = new Attempt(book, demand, loses, now);
  const more = attempt.from(poolOf(kept[0] as Place), short, kept);
  const isWhole = more.families.length === short.length;
  const mayStayShort = demand.families.type === "PreferBoth" || wanted.every((family) => countOf(kept, family) > 0);
  if (!isWhole && !mayStayShort) return decideAfresh(known, attempt.tried);
  return settle(known, [...kept, ...more.places], {
    refusal: isWhole ? null : attempt.refusal,
    givenUp,
    tried: attempt.tried,
  });
}

/** Looks for everything anew; without success what is legal stays. `before` is what was tried in vain to complete that. */
function decideAfresh(known: Case, before: Decision["tried"]): Decision {
  const { book, demand, now, holder, legal } = known;
  const attempt = new Attempt(book, demand, holder?.places ?? nothing, now);
  const choice = chooseFresh(attempt);
  const tried = before.length === 0 ? attempt.tried : [...before, ...attempt.tried];
  if (choice === null) {
    const refusal = attempt.tried.length === 0 ? { code: "NoEligiblePool" as const } : attempt.refusal;
    const missed = [...recordedInVain(known), ...keptForItInVain(known)];
    return settle(known, legal.kept, { refusal, givenUp: legal.refusal, tried, missed });
  }
  const givenUp = legal.refusal ?? (before.length === 0 ? null : { code: "PoolsExhausted" as const, tried: before });
  if (choice.missing.length === 0) return settle(known, choice.places, { givenUp, tried });
  const hangsOn = attempt.tried.filter(({ pool, family }) => pool === choice.pool && choice.missing.includes(family));
  return settle(known, choice.places, { refusal: attempt.refusalOf(hangsOn), givenUp, tried, hangsOn });
}

/** Addresses that are kept for the service and that it cannot have now. */
function keptForItInVain({ book, demand, now }: Case): readonly IpAddress[] {
  return book.pools
    .reservedFor(demand.service)
    .filter((place) => demand.permitted.includes(poolOf(place)) && whyNotGive(demand, place, book, now) !== null)
    .map(({ address }) => address);
}

import { compareIpAddresses, type Instant, type IpAddress, type IpFamily } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { Demand } from "./demand.ts";
import type { Holder } from "./holder.ts";
import type { LegalPart } from "./legal-part.ts";
import type { Assignment, Change, Outcome } from "./outcome.ts";
import type { Place } from "./page.ts";
import type { PoolRefusal, Refusal } from "./refusal.ts";
import { whyNotKeep } from "./why-not.ts";

/** A demand with what is known of its service. */
export interface Case {
  readonly book: Book;
  readonly demand: Demand;
  readonly now: Instant;
  readonly holder: Holder | undefined;
  /** What it holds, or else what is on record. */
  readonly held: readonly IpAddress[];
  readonly legal: LegalPart;
}

/** What shall become of a demand. */
export interface Decision {
  readonly outcome: Outcome;
  /** What the service shall hold, in the order of the assignment. */
  readonly places: readonly Place[];
  /** Every family that a pool was asked for and did not give. */
  readonly tried: readonly PoolRefusal[];
  /** Of those, the ones that stand between the service and what it still wants. */
  readonly hangsOn: readonly PoolRefusal[];
  /** Addresses that would help it, too, if they could be had. */
  readonly missed: readonly IpAddress[];
}

/** What is not met of a demand, and why; each part may be left out. */
export interface Shortfall {
  readonly refusal?: Refusal | null;
  readonly givenUp?: Refusal | null;
  readonly tried?: readonly PoolRefusal[];
  readonly hangsOn?: readonly PoolRefusal[];
  readonly missed?: readonly IpAddress[];
}

const none: readonly never[] = [];
const met: Shortfall = {};

/** The decision that a service which has nothing shall hold one address, all that it wants. */
export function assigned(place: Place): Decision {
  const assignment = { pool: poolOf(place), addresses: [place.address] };
  return {
    outcome: { assignment, change: "Assigned", refusal: null, removalReason: null },
    places: [place],
    tried: none,
    hangsOn: none,
    missed: none,
  };
}

/** The decision that a service shall hold these places, all of one pool. */
export function settle(known: Case, places: readonly Place[], shortfall: Shortfall = met): Decision {
  const { refusal = null, givenUp = null, tried = none, hangsOn = tried, missed = none } = shortfall;
  const sorted = inOrder(places);
  return {
    outcome: {
      assignment: assignmentOf(sorted),
      change: changeOf(known.held, sorted),
      refusal,
      removalReason: givenUp,
    },
    places: sorted,
    tried,
    hangsOn,
    missed: refusal === null ? none : missed,
  };
}

/** The places in the order of an assignment, in an array that takes no more memory than it must. */
function inOrder(places: readonly Place[]): readonly Place[] {
  if (places.length === 1) return [places[0] as Place];
  return places.length === 0 ? none : places.toSorted((a, b) => compareIpAddresses(a.address, b.address));
}

/** How many of the places are of a family. */
export function countOf(places: readonly Place[], family: IpFamily): number {
  let count = 0;
  for (const { page } of places) if (page.run.family === family) count++;
  return count;
}

/** The pool that a place is of; it is of one. */
export function poolOf({ page }: Place): string {
  return page.run.stock?.pool.name ?? "";
}

/** Addresses on record that a service which holds nothing would have, if only it might. */
export function recordedInVain({ book, demand, legal }: Case): readonly IpAddress[] {
  if (legal.kept.length > 0 || demand.recorded.length === 0) return none;
  return demand.recorded.filter((address) => whyNotKeep(demand, address, book) !== null);
}

function assignmentOf(places: readonly Place[]): Assignment | null {
  const [first] = places;
  if (first === undefined) return null;
  const addresses = places.length === 1 ? [first.address] : places.map(({ address }) => address);
  return { pool: poolOf(first), addresses };
}

function changeOf(held: readonly IpAddress[], places: readonly Place[]): Change {
  if (held.length === 0) return places.length === 0 ? "Pending" : "Assigned";
  if (places.length === 0) return "Released";
  const stayed = places.filter(({ address }) => held.includes(address)).length;
  if (stayed === places.length) return stayed === held.length ? "Kept" : "Reduced";
  return stayed === held.length ? "Extended" : "Assigned";
}

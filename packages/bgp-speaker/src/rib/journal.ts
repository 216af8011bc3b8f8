import type { Instant, IpPrefix } from "@herald-lb/sansio";
import type { Destination } from "./destination.ts";
import type { OutboundRoute } from "./outbound-route.ts";
import type { Subgroup } from "./update-group.ts";

/** The number of entries that a journal keeps; an older one makes room for a newer one. */
export const JOURNAL_CAPACITY = 8_192;

/** The events that a session's routes are told on: a change of what is wanted, the table after the OPENs, the table again for a ROUTE-REFRESH. */
export type Occasion = "Change" | "InitialUpdate" | "RouteRefresh";

/** One thing that peers were told, or the beginning or end of a session: what a peer held before the end it has forgotten. */
export type JournalEntry =
  | {
      readonly event: "Announced" | "Withdrawn";
      readonly at: Instant;
      /** The names of the peers that were told it, in one UPDATE. */
      readonly peers: readonly string[];
      readonly prefix: IpPrefix;
      /** As it was told; null for a withdrawal. Equal attributes are one object. */
      readonly route: OutboundRoute | null;
      /** The key whose change concerned the prefix last: the reason for it, or for what was wanted at a session's beginning. */
      readonly cause: string;
      readonly occasion: Occasion;
    }
  | { readonly event: "SessionEstablished" | "SessionEnded"; readonly at: Instant; readonly peers: readonly string[] };

/** The fields that the entries of one run of messages share. */
interface Run {
  readonly at: Instant;
  readonly peers: readonly string[];
  readonly occasion: Occasion | "SessionEstablished" | "SessionEnded";
}

/**
 * The things that peers were told, with the time and the cause: a ring of the last entries, a list for each of their fields, so that an entry is a few assignments and makes
 * no object. Changed in place.
 */
export interface RouteJournal {
  readonly runs: Run[];
  readonly prefixes: (IpPrefix | null)[];
  readonly routes: (OutboundRoute | null)[];
  readonly causes: string[];
  /** The number of entries so far; the next one is at its remainder by the capacity. */
  count: number;
}

/** The entries of one run of messages, which are noted as they are made. */
export interface JournalRun {
  readonly journal: RouteJournal;
  readonly now: Instant;
  readonly subgroup: Subgroup;
  run: Run | null;
}

/** An empty journal. */
export function createJournal(): RouteJournal {
  return { runs: [], prefixes: [], routes: [], causes: [], count: 0 };
}

/** Begins a run of messages to the members of a subgroup. */
export function journalRun(journal: RouteJournal, now: Instant, subgroup: Subgroup): JournalRun {
  return { journal, now, subgroup, run: null };
}

/** Notes a route, or a withdrawal, that is in a message of a run. */
export function noteRoute(run: JournalRun, { prefix, cause }: Destination, route: OutboundRoute | null): void {
  const { journal } = run;
  run.run ??= { at: run.now, peers: [...run.subgroup.members], occasion: occasionOf(run.subgroup) };
  note(journal, run.run, prefix, route, cause);
}

/** Notes the beginning or the end of a session. */
export function noteSession(
  journal: RouteJournal,
  now: Instant,
  peer: string,
  event: "SessionEstablished" | "SessionEnded",
): void {
  note(journal, { at: now, peers: [peer], occasion: event }, null, null, "");
}

function note(
  journal: RouteJournal,
  run: Run,
  prefix: IpPrefix | null,
  route: OutboundRoute | null,
  cause: string,
): void {
  const at = journal.count++ % JOURNAL_CAPACITY;
  journal.runs[at] = run;
  journal.prefixes[at] = prefix;
  journal.routes[at] = route;
  journal.causes[at] = cause;
}

function occasionOf({ pass }: Subgroup): Occasion {
  if (pass === null) return "Change";
  return pass.purpose === "initial" ? "InitialUpdate" : "RouteRefresh";
}

/** The entries of a journal, the oldest first. */
export function* entriesOf({ runs, prefixes, routes, causes, count }: RouteJournal): Generator<JournalEntry> {
  for (let number = Math.max(0, count - JOURNAL_CAPACITY); number < count; number++) {
    const index = number % JOURNAL_CAPACITY;
    const { at, peers, occasion } = runs[index] as Run;
    const prefix = prefixes[index] ?? null;
    if (occasion === "SessionEstablished" || occasion === "SessionEnded") yield { event: occasion, at, peers };
    else if (prefix !== null) {
      const route = routes[index] ?? null;
      const event = route === null ? "Withdrawn" : "Announced";
      yield { event, at, peers, prefix, route, cause: causes[index] ?? "", occasion };
    }
  }
}

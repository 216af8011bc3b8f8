import {
  extendedCommunityText,
  type JournalEntry,
  journalOf,
  type OutboundRoute,
  type PathAttribute,
  type SpeakerState,
} from "@herald-lb/bgp-speaker";
import { type Instant, parsePrefix } from "@herald-lb/sansio";

/** The path of the journal on the metrics server. */
export const JOURNAL_PATH = "/bgp/journal";

/** The journal of routes as JSON; `query` may name a `peer` and a `prefix`. `wallTimeOf` tells when an instant was, in RFC 3339. */
export function journalJson(state: SpeakerState, query: URLSearchParams, wallTimeOf: (at: Instant) => string): string {
  const peer = query.get("peer");
  const text = query.get("prefix");
  const prefix = text === null ? null : parsePrefix(text);
  if (prefix !== null && !prefix.ok) return `${JSON.stringify({ error: `"${text}" is not a prefix`, entries: [] })}\n`;
  const entries = journalOf(state, {
    ...(peer === null ? {} : { peer }),
    ...(prefix === null ? {} : { prefix: prefix.value }),
  });
  return `${JSON.stringify({ entries: entries.map((entry) => plainEntry(entry, wallTimeOf)) })}\n`;
}

function plainEntry(entry: JournalEntry, wallTimeOf: (at: Instant) => string): unknown {
  const { event, peers } = entry;
  const head = { time: wallTimeOf(entry.at), event, peers };
  if (!("prefix" in entry)) return head;
  const { prefix, cause, occasion, route } = entry;
  return { ...head, prefix, service: cause, occasion, ...(route === null ? {} : plainRoute(route)) };
}

function plainRoute({ nextHop, linkLocal, attributes }: OutboundRoute): Readonly<Record<string, unknown>> {
  const plain: Record<string, unknown> = { nextHop };
  if (linkLocal !== null) plain["linkLocalNextHop"] = linkLocal;
  for (const attribute of attributes) Object.assign(plain, plainAttribute(attribute));
  return plain;
}

function plainAttribute(attribute: PathAttribute): Readonly<Record<string, unknown>> {
  switch (attribute.type) {
    case "AS_PATH":
      return { asPath: attribute.segments.flatMap(({ autonomousSystems }) => autonomousSystems) };
    case "MULTI_EXIT_DISC":
      return { med: attribute.value };
    case "LOCAL_PREF":
      return { localPref: attribute.value };
    case "COMMUNITIES":
      return { communities: attribute.communities.map((each) => `${each >>> 16}:${each & 0xffff}`) };
    case "LARGE_COMMUNITY":
      return {
        largeCommunities: attribute.communities.map(
          ({ globalAdministrator, localDataPart1, localDataPart2 }) =>
            `${globalAdministrator}:${localDataPart1}:${localDataPart2}`,
        ),
      };
    case "EXTENDED_COMMUNITIES":
      return { extendedCommunities: attribute.communities.map(extendedCommunityText) };
    case "ONLY_TO_CUSTOMER":
      return { onlyToCustomer: attribute.autonomousSystem };
    default:
      return {};
  }
}

import type { IpPrefix } from "@herald-lb/sansio";
import { entriesOf, type JournalEntry } from "../rib/journal.ts";
import type { SpeakerState } from "./state.ts";

/**
 * The last 8192 things that peers were told, the oldest first: those for one peer, or for one prefix, where they are named. Sessions that began or
 * ended are no part of a prefix.
 */
export function journalOf(
  state: SpeakerState,
  { peer, prefix }: { readonly peer?: string; readonly prefix?: IpPrefix } = {},
): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const entry of entriesOf(state.journal)) {
    if (peer !== undefined && !entry.peers.includes(peer)) continue;
    if (prefix !== undefined && !("prefix" in entry && entry.prefix === prefix)) continue;
    entries.push(entry);
  }
  return entries;
}

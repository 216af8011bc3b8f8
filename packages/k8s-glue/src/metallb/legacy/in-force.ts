import type { OldBfdProfile, OldPeer, OldPool } from "./old-entries.ts";
import type { OldAlias, OldConfiguration, OldEntry } from "./parse-old-configuration.ts";
import type { PathSegment } from "./yaml-source.ts";

/** An entry that is in force. */
export interface Held<T> {
  readonly at: readonly PathSegment[];
  readonly key: string;
  readonly value: T;
  /** From 1. A peer's name is made of it, and of two pools that want one address the lower serves: an entry keeps it while it lives. */
  readonly number: number;
}

/** The entries of an old configuration that are in force. */
export interface InForce {
  readonly peers: readonly Held<OldPeer>[];
  readonly aliases: readonly Held<OldAlias>[];
  readonly pools: readonly Held<OldPool>[];
  readonly profiles: readonly Held<OldBfdProfile>[];
}

/** Nothing is in force. */
export const nothingInForce: InForce = { peers: [], aliases: [], pools: [], profiles: [] };

/**
 * What is in force after an edit: an entry with a fault stays as it was, or, when it was not there before, does what of it can be
 * read. So a slip takes nothing away that worked.
 */
export function inForceAfter(
  edited: OldConfiguration,
  before: InForce,
  isFaulty: (at: readonly PathSegment[]) => boolean,
): InForce {
  return {
    peers: settle(edited.peers, before.peers, isFaulty),
    aliases: settle(edited.aliases, before.aliases, isFaulty),
    pools: settle(edited.pools, before.pools, isFaulty),
    profiles: settle(edited.profiles, before.profiles, isFaulty),
  };
}

function settle<T>(
  entries: readonly OldEntry<T>[],
  before: readonly Held<T>[],
  isFaulty: (at: readonly PathSegment[]) => boolean,
): readonly Held<T>[] {
  const written = new Set(entries.map(({ key }) => key));
  const left = [...before];
  const take = (which: (held: Held<T>) => boolean): Held<T> | undefined => {
    const index = left.findIndex(which);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  let last = Math.max(0, ...before.map(({ number }) => number));
  return entries.flatMap((entry, index): readonly Held<T>[] => {
    const { at } = entry;
    const own = take(({ key }) => key === entry.key && key !== "");
    // What an entry is known by may be what is wrong with it: then its place tells.
    const old =
      own ?? (isFaulty(at) ? take(({ key, number }) => number === index + 1 && !written.has(key)) : undefined);
    const { key, value } = isFaulty(at) && old !== undefined ? old : entry;
    if (value === null) return [];
    const fresh = before.length === 0 ? index + 1 : last + 1;
    if (old === undefined) last = Math.max(last, fresh);
    return [{ at, key, value, number: old?.number ?? fresh }];
  });
}

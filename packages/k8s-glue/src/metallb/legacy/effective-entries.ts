import type { OldBfdProfile, OldPeer, OldPool } from "./old-entries.ts";
import type { OldAlias, OldConfiguration, OldEntry } from "./parse-old-configuration.ts";
import type { YamlPathSegment } from "./yaml-source.ts";

/** An entry that is in force. */
export interface EffectiveEntry<T> {
  readonly at: readonly YamlPathSegment[];
  readonly key: string;
  readonly value: T;
  /** From 1. A peer's name is made of it, and of two pools that want one address the lower serves: an entry keeps it while it lives. */
  readonly number: number;
}

/** The entries of an old configuration that are in force. */
export interface EffectiveEntries {
  readonly peers: readonly EffectiveEntry<OldPeer>[];
  readonly aliases: readonly EffectiveEntry<OldAlias>[];
  readonly pools: readonly EffectiveEntry<OldPool>[];
  readonly profiles: readonly EffectiveEntry<OldBfdProfile>[];
}

/** Nothing is in force. */
export const noEntries: EffectiveEntries = { peers: [], aliases: [], pools: [], profiles: [] };

/**
 * What is in force after an edit: an entry with an issue stays as it was, or, when it was not there before, does what of it can be
 * read. So a slip takes nothing away that worked.
 */
export function effectiveAfter(
  edited: OldConfiguration,
  before: EffectiveEntries,
  isInvalid: (at: readonly YamlPathSegment[]) => boolean,
): EffectiveEntries {
  return {
    peers: mergeEntries(edited.peers, before.peers, isInvalid),
    aliases: mergeEntries(edited.aliases, before.aliases, isInvalid),
    pools: mergeEntries(edited.pools, before.pools, isInvalid),
    profiles: mergeEntries(edited.profiles, before.profiles, isInvalid),
  };
}

function mergeEntries<T>(
  entries: readonly OldEntry<T>[],
  before: readonly EffectiveEntry<T>[],
  isInvalid: (at: readonly YamlPathSegment[]) => boolean,
): readonly EffectiveEntry<T>[] {
  const written = new Set(entries.map(({ key }) => key));
  const left = [...before];
  const take = (which: (held: EffectiveEntry<T>) => boolean): EffectiveEntry<T> | undefined => {
    const index = left.findIndex(which);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  let last = Math.max(0, ...before.map(({ number }) => number));
  return entries.flatMap((entry, index): readonly EffectiveEntry<T>[] => {
    const { at } = entry;
    const own = take(({ key }) => key === entry.key && key !== "");
    // What an entry is known by may be what is wrong with it: then its place tells.
    const old =
      own ?? (isInvalid(at) ? take(({ key, number }) => number === index + 1 && !written.has(key)) : undefined);
    const { key, value } = isInvalid(at) && old !== undefined ? old : entry;
    if (value === null) return [];
    const fresh = before.length === 0 ? index + 1 : last + 1;
    if (old === undefined) last = Math.max(last, fresh);
    return [{ at, key, value, number: old?.number ?? fresh }];
  });
}

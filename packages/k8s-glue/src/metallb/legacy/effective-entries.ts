import type { OldBfdProfile, OldPeer, OldPool } from "./old-entries.ts";
import type { OldAlias, OldConfiguration, OldEntry } from "./parse-old-configuration.ts";
import type { YamlPathSegment } from "./yaml-source.ts";

/** An entry of the old configuration that has effect. */
export interface EffectiveEntry<T> {
  readonly at: readonly YamlPathSegment[];
  readonly key: string;
  readonly value: T;
  /**
   * The entry's number, from 1, which it keeps as long as it exists. A peer's name is made of it; of two pools with one address,
   * the lower number has it.
   */
  readonly number: number;
}

/** The entries of an old configuration that have effect. */
export interface EffectiveEntries {
  readonly peers: readonly EffectiveEntry<OldPeer>[];
  readonly aliases: readonly EffectiveEntry<OldAlias>[];
  readonly pools: readonly EffectiveEntry<OldPool>[];
  readonly profiles: readonly EffectiveEntry<OldBfdProfile>[];
}

/** No entries. */
export const noEntries: EffectiveEntries = { peers: [], aliases: [], pools: [], profiles: [] };

/**
 * The entries that have effect after an edit: an entry with an issue stays as it was, or, if it is new, has effect as far as it can
 * be read. So a mistake takes nothing away that worked.
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
    // The key of an entry may be what is wrong with it; then its position identifies it.
    const old =
      own ?? (isInvalid(at) ? take(({ key, number }) => number === index + 1 && !written.has(key)) : undefined);
    const { key, value } = isInvalid(at) && old !== undefined ? old : entry;
    if (value === null) return [];
    const fresh = before.length === 0 ? index + 1 : last + 1;
    if (old === undefined) last = Math.max(last, fresh);
    return [{ at, key, value, number: old?.number ?? fresh }];
  });
}

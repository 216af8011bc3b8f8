import { refOf } from "@herald-lb/k8s-glue/objects";
import type { ConfigIssue } from "../config/issue.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { objectId } from "../status/accepted.ts";
import { asNewest, type ConvertedObject, oldPathOf } from "./converted-object.ts";
import { effectiveAfter, type EffectiveEntries, type EffectiveEntry, noEntries } from "./effective-entries.ts";
import { entryId, type OldConfigIssue } from "./old-config-issue.ts";
import { type OldConfiguration, parseOldConfiguration } from "./parse-old-configuration.ts";
import { objectsOf } from "./to-objects.ts";

/** The result of reading the text of an old ConfigMap after an earlier one. */
export interface OldConfigMapReading {
  readonly effective: EffectiveEntries;
  /** True if the text has effect; otherwise an earlier text still has. */
  readonly isApplied: boolean;
  readonly issues: readonly OldConfigIssue[];
}

/** The end of the message of an issue that leaves the earlier entry in effect. */
const kept = "; the earlier entry stays in effect";

/**
 * Reads the text under the key `config`; null is a ConfigMap without that key. If the text is no YAML, or a section cannot be read,
 * the earlier entries stay in effect; so does an entry with an issue of its own. `before` is what had effect until now, null at the
 * first reading.
 */
export function readOldConfigMap(text: string | null, before: EffectiveEntries | null): OldConfigMapReading {
  const held = new Set(before === null ? [] : entriesOf(before).map(({ value }) => value));
  const nothingTaken = (issues: readonly OldConfigIssue[]): OldConfigMapReading => ({
    effective: before ?? noEntries,
    isApplied: false,
    issues: held.size === 0 ? issues : issues.map(keeping),
  });
  // A ConfigMap that never had the key belongs to somebody else.
  if (text === null) return nothingTaken(held.size === 0 ? [] : [withoutKey]);
  const parsed = parseOldConfiguration(text);
  if (!parsed.ok) return nothingTaken([parsed.error]);
  const edited = parsed.value;
  if (edited.incomplete && held.size > 0) return nothingTaken(edited.issues);
  const first = effectiveAfter(edited, noEntries, () => false);
  const found = issuesOfObjects(objectsOf(first, "metallb-system"), edited.positionOf);
  const invalid = new Set([...edited.issues, ...found].map(({ path }) => entryId(path)));
  const isInvalid = (at: ConvertedObject["at"]): boolean => invalid.has(entryId(at));
  const effective = effectiveAfter(edited, before ?? noEntries, isInvalid);
  const staying = new Set(entriesOf(effective).flatMap(({ at, value }) => (held.has(value) ? [entryId(at)] : [])));
  const stays = ({ path }: OldConfigIssue): boolean => staying.has(entryId(path));
  return {
    effective,
    isApplied: true,
    // Issues of an entry that has effect as it is now are found again when it is read with all the others.
    issues: [
      ...edited.issues.map((issue) => (stays(issue) ? keeping(issue) : issue)),
      ...found.filter(stays).map(keeping),
    ],
  };
}

const withoutKey: OldConfigIssue = {
  path: [],
  code: "SchemaViolation",
  message: 'key "config" is missing',
  position: null,
};

/** The issues of converted objects, reported for the entries that they come from; by default those that take effect away. */
export function issuesOfObjects(
  made: readonly ConvertedObject[],
  positionOf: OldConfiguration["positionOf"],
  counts: (issue: ConfigIssue) => boolean = ({ effect }) => effect !== "Noted",
): readonly OldConfigIssue[] {
  const { issues } = readConfiguration(made.map(asNewest));
  const byId = new Map(made.map((each) => [objectId(refOf(each.object)), each]));
  return issues.flatMap((issue): readonly OldConfigIssue[] => {
    const source = byId.get(objectId(issue.object));
    if (source === undefined || !counts(issue)) return [];
    const path = oldPathOf(source, issue.path);
    return [{ path, code: issue.code, message: issue.message, position: positionOf(path) }];
  });
}

function keeping(issue: OldConfigIssue): OldConfigIssue {
  return { ...issue, message: issue.message + kept };
}

function entriesOf({ peers, aliases, pools, profiles }: EffectiveEntries): readonly EffectiveEntry<unknown>[] {
  return [...peers, ...aliases, ...pools, ...profiles];
}

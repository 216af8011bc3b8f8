import { refOf } from "@herald-lb/k8s-glue/objects";
import type { ConfigIssue } from "../config/issue.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { objectId } from "../status/accepted.ts";
import { asNewest, type ConvertedObject, oldPathOf } from "./converted-object.ts";
import { effectiveAfter, type EffectiveEntries, type EffectiveEntry, noEntries } from "./effective-entries.ts";
import { entryId, type OldConfigIssue } from "./old-config-issue.ts";
import { type OldConfiguration, parseOldConfiguration } from "./parse-old-configuration.ts";
import { objectsOf } from "./to-objects.ts";

/** What is made of the text of an old ConfigMap, and of what was in force before it. */
export interface OldConfigMapReading {
  readonly effective: EffectiveEntries;
  /** Whether anything of the text was taken; what is in force is of an earlier one otherwise. */
  readonly isApplied: boolean;
  readonly issues: readonly OldConfigIssue[];
}

/** Says of an issue what becomes of it. */
const kept = "; what was in force stays";

/**
 * Reads the text under the key `config`, strictly; null is a ConfigMap without that key. Text that is no YAML, and a section that cannot be told, leaves in force what was;
 * so does an entry with an issue for itself. `before` is what was in force until now, null at the first reading.
 */
export function readOldConfigMap(text: string | null, before: EffectiveEntries | null): OldConfigMapReading {
  const held = new Set(before === null ? [] : entriesOf(before).map(({ value }) => value));
  const nothingTaken = (issues: readonly OldConfigIssue[]): OldConfigMapReading => ({
    effective: before ?? noEntries,
    isApplied: false,
    issues: held.size === 0 ? issues : issues.map(keeping),
  });
  // A ConfigMap without the key is somebody else's, unless it had it before.
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
    // What is wrong with an entry that is in force as it is now is found again when it is read with all the others.
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

/** What is wrong with the objects themselves, told of the entries that they are made of; by default, what has no effect for it. */
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

import { refOf } from "@herald-lb/k8s-glue/objects";
import type { ConfigIssue } from "../config/issue.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { objectId } from "../status/accepted.ts";
import { type Held, type InForce, inForceAfter, nothingInForce } from "./in-force.ts";
import { asYoungest, type MadeObject, oldPathOf } from "./made-object.ts";
import { entryId, type OldFault } from "./old-fault.ts";
import { type OldConfiguration, parseOldConfiguration } from "./parse-old-configuration.ts";
import { objectsOf } from "./to-objects.ts";

/** What is made of the text of an old ConfigMap, and of what was in force before it. */
export interface OldConfigMapReading {
  readonly inForce: InForce;
  /** Whether anything of the text was taken; what is in force is of an earlier one otherwise. */
  readonly isTaken: boolean;
  readonly faults: readonly OldFault[];
}

/** Says of a fault what becomes of it. */
const kept = "; what was in force stays";

/**
 * Reads the text under the key `config`, strictly; null is a ConfigMap without that key. Text that is no YAML, and a section that cannot be told, leaves in force what was;
 * so does an entry with a fault for itself. `before` is what was in force until now, null at the first reading.
 */
export function readOldConfigMap(text: string | null, before: InForce | null): OldConfigMapReading {
  const held = new Set(before === null ? [] : entriesOf(before).map(({ value }) => value));
  const nothingTaken = (faults: readonly OldFault[]): OldConfigMapReading => ({
    inForce: before ?? nothingInForce,
    isTaken: false,
    faults: held.size === 0 ? faults : faults.map(keeping),
  });
  // A ConfigMap without the key is somebody else's, unless it had it before.
  if (text === null) return nothingTaken(held.size === 0 ? [] : [withoutKey]);
  const parsed = parseOldConfiguration(text);
  if (!parsed.ok) return nothingTaken([parsed.error]);
  const edited = parsed.value;
  if (edited.incomplete && held.size > 0) return nothingTaken(edited.faults);
  const first = inForceAfter(edited, nothingInForce, () => false);
  const found = faultsOfObjects(objectsOf(first, "metallb-system"), edited.positionOf);
  const faulty = new Set([...edited.faults, ...found].map(({ path }) => entryId(path)));
  const isFaulty = (at: MadeObject["at"]): boolean => faulty.has(entryId(at));
  const inForce = inForceAfter(edited, before ?? nothingInForce, isFaulty);
  const staying = new Set(entriesOf(inForce).flatMap(({ at, value }) => (held.has(value) ? [entryId(at)] : [])));
  const stays = ({ path }: OldFault): boolean => staying.has(entryId(path));
  return {
    inForce,
    isTaken: true,
    // What is wrong with an entry that is in force as it is now is found again when it is read with all the others.
    faults: [
      ...edited.faults.map((fault) => (stays(fault) ? keeping(fault) : fault)),
      ...found.filter(stays).map(keeping),
    ],
  };
}

const withoutKey: OldFault = {
  path: [],
  code: "SchemaViolation",
  message: 'key "config" is missing',
  position: null,
};

/** What is wrong with the objects themselves, told of the entries that they are made of; by default, what has no effect for it. */
export function faultsOfObjects(
  made: readonly MadeObject[],
  positionOf: OldConfiguration["positionOf"],
  counts: (issue: ConfigIssue) => boolean = ({ effect }) => effect !== "Noted",
): readonly OldFault[] {
  const { issues } = readConfiguration(made.map(asYoungest));
  const byId = new Map(made.map((each) => [objectId(refOf(each.object)), each]));
  return issues.flatMap((issue): readonly OldFault[] => {
    const source = byId.get(objectId(issue.object));
    if (source === undefined || !counts(issue)) return [];
    const path = oldPathOf(source, issue.path);
    return [{ path, code: issue.code, message: issue.message, position: positionOf(path) }];
  });
}

function keeping(fault: OldFault): OldFault {
  return { ...fault, message: fault.message + kept };
}

function entriesOf({ peers, aliases, pools, profiles }: InForce): readonly Held<unknown>[] {
  return [...peers, ...aliases, ...pools, ...profiles];
}

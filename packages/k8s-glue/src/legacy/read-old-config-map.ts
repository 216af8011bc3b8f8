import type { ConfigIssue } from "../config/issue.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { type InForce, inForceAfter, nothingInForce } from "./in-force.ts";
import { asYoungest, type MadeObject, oldPathOf } from "./made-object.ts";
import { faultsWithin, type OldConfiguration, parseOldConfiguration } from "./parse-old-configuration.ts";
import { isWithin, type OldFault } from "./old-fault.ts";
import { objectsOf } from "./to-objects.ts";

/** What is made of the text of an old ConfigMap, and of what was in force before it. */
export interface OldConfigMapReading {
  readonly inForce: InForce;
  readonly faults: readonly OldFault[];
}

/** Says of a fault what becomes of it. */
const kept = "; what was in force stays";

/**
 * Reads the text under the key `config`, strictly; null is a ConfigMap without that key. Text that is no YAML, and a section that cannot be told, leaves in force what was;
 * so does an entry with a fault for itself. `before` is what was in force until now, null at the first reading.
 */
export function readOldConfigMap(text: string | null, before: InForce | null): OldConfigMapReading {
  if (text === null) return withoutText(before ?? nothingInForce);
  const parsed = parseOldConfiguration(text);
  if (!parsed.ok)
    return { inForce: before ?? nothingInForce, faults: before === null ? [parsed.error] : [keeping(parsed.error)] };
  const edited = parsed.value;
  if (edited.incomplete && before !== null) return { inForce: before, faults: edited.faults.map(keeping) };
  const first = inForceAfter(edited, nothingInForce, () => false);
  const found = faultsOfObjects(objectsOf(first, "metallb-system"), edited.positionOf);
  const faults = [...edited.faults, ...found];
  const isFaulty = (at: MadeObject["at"]): boolean => faultsWithin(faults, at).length > 0;
  const inForce = inForceAfter(edited, before ?? nothingInForce, isFaulty);
  const stays = ({ path }: OldFault): boolean =>
    entriesOf(inForce).some(
      ({ at, value }) => isWithin(path, at) && entriesOf(before).some((old) => old.value === value),
    );
  return {
    inForce,
    faults: [
      ...edited.faults.map((fault) => (stays(fault) ? keeping(fault) : fault)),
      ...found.filter(stays).map(keeping),
    ],
  };
}

/** A ConfigMap without the key is somebody else's, unless it had it before. */
function withoutText(before: InForce): OldConfigMapReading {
  if (entriesOf(before).length === 0) return { inForce: before, faults: [] };
  const message = 'key "config" is missing';
  return { inForce: before, faults: [keeping({ path: [], code: "SchemaViolation", message, position: null })] };
}

/** What is wrong with the objects themselves, told of the entries that they are made of; by default, what has no effect for it. */
export function faultsOfObjects(
  made: readonly MadeObject[],
  positionOf: OldConfiguration["positionOf"],
  counts: (issue: ConfigIssue) => boolean = ({ effect }) => effect !== "Noted",
): readonly OldFault[] {
  const { issues } = readConfiguration(made.map(asYoungest));
  return issues.flatMap((issue): readonly OldFault[] => {
    if (!counts(issue)) return [];
    const path = oldPathOfIssue(made, issue);
    return [{ path, code: issue.code, message: issue.message, position: positionOf(path) }];
  });
}

/** Where in the old configuration the field of an issue was written. */
export function oldPathOfIssue(made: readonly MadeObject[], { object, path }: ConfigIssue): OldFault["path"] {
  const source = made.find(({ object: { kind, metadata } }) => kind === object.kind && metadata.name === object.name);
  return source === undefined ? [] : oldPathOf(source, path);
}

function keeping(fault: OldFault): OldFault {
  return { ...fault, message: fault.message + kept };
}

function entriesOf(inForce: InForce | null): readonly { readonly at: MadeObject["at"]; readonly value: unknown }[] {
  if (inForce === null) return [];
  return [...inForce.peers, ...inForce.aliases, ...inForce.pools, ...inForce.profiles];
}

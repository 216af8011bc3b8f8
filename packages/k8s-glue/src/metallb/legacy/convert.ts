import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import type { IssueCode } from "../config/issue.ts";
import { findConfigMap, type FoundConfigMap } from "./config-map-manifest.ts";
import { dnsName } from "./dns-name.ts";
import { effectiveAfter, type EffectiveEntries, type EffectiveEntry, noEntries } from "./effective-entries.ts";
import { type OldConfigIssue, pathText } from "./old-config-issue.ts";
import { type OldConfiguration, parseOldConfiguration } from "./parse-old-configuration.ts";
import { issuesOfObjects } from "./read-old-config-map.ts";
import { objectsOf } from "./to-objects.ts";

/** Options of the conversion. */
export interface ConversionOptions {
  /** The namespace of the objects; by default the ConfigMap's own, else `metallb-system`. */
  readonly namespace?: string;
  /** True if the input is the text under the key `config`, not a manifest. */
  readonly onlyData?: boolean;
}

/** A name that had to change: Services that request such a pool must use the new name. */
export interface Renaming {
  readonly kind: "IPAddressPool" | "BFDProfile";
  readonly from: string;
  readonly to: string;
}

/** The result of a conversion. */
export interface Conversion {
  readonly objects: readonly KubernetesObject[];
  readonly renamed: readonly Renaming[];
}

/** A reason why the conversion failed. */
export interface ConversionError {
  readonly code: IssueCode;
  /** The field, as `address-pools[0].addresses[2]`; empty for the whole text. */
  readonly path: string;
  /** The problem and its remedy; begins with a noun, without a period at the end. */
  readonly message: string;
  /** Position in the input, counted from 1; null where it is unknown. */
  readonly line: number | null;
  readonly column: number | null;
}

const defaultNamespace = "metallb-system";

/**
 * Converts the old ConfigMap into equivalent objects, named and ordered as by MetalLB's own converter. All or nothing: every issue
 * is an error, two entries of one name included.
 */
export function convertConfigMap(
  text: string,
  options: ConversionOptions = {},
): Result<Conversion, readonly ConversionError[]> {
  const found = options.onlyData === true ? ok(dataAlone(text)) : findConfigMap(text);
  if (!found.ok) {
    const { message, position } = found.error;
    const where = { line: position?.line ?? null, column: position?.column ?? null };
    return err([{ code: "SchemaViolation", path: "", message, ...where }]);
  }
  const { value: source } = found;
  const parsed = parseOldConfiguration(source.text);
  if (!parsed.ok) return err([errorOf(parsed.error, source)]);
  const issues: OldConfigIssue[] = [...parsed.value.issues];
  const renamed: Renaming[] = [];
  const named = withNames(
    effectiveAfter(parsed.value, noEntries, () => false),
    parsed.value,
    issues,
    renamed,
  );
  const made = objectsOf(named, options.namespace ?? source.namespace ?? defaultNamespace);
  issues.push(
    ...issuesOfObjects(made, parsed.value.positionOf, ({ effect, code }) => effect !== "Noted" || code === "Duplicate"),
  );
  if (issues.length > 0) return err(issues.map((issue) => errorOf(issue, source)).toSorted(byPlace));
  return ok({ objects: made.map(({ object }) => object), renamed });
}

/** Renames pools and profiles so that objects can have their names, and profiles in peers accordingly. */
function withNames(
  effective: EffectiveEntries,
  { positionOf }: OldConfiguration,
  issues: OldConfigIssue[],
  renamed: Renaming[],
): EffectiveEntries {
  const rename = <T extends { readonly name: string }>(
    kind: Renaming["kind"],
    entries: readonly EffectiveEntry<T>[],
  ): readonly EffectiveEntry<T>[] => {
    const owners = new Map<string, string>();
    return entries.map((held): EffectiveEntry<T> => {
      const from = held.value.name;
      const to = dnsName(from);
      const path = [...held.at, "name"];
      const other = to === null ? undefined : owners.get(to);
      const refuse = (code: IssueCode, message: string): void =>
        void issues.push({ path, code, message, position: positionOf(path) });
      if (to === null) {
        refuse(
          "SchemaViolation",
          `no name for an object can be made of "${from}": write one of letters, digits and dashes, that begins with a letter`,
        );
        return held;
      }
      if (other !== undefined) {
        refuse("Duplicate", `"${other}" and "${from}" would both be named "${to}": give one of them another name`);
        return held;
      }
      owners.set(to, from);
      if (to !== from) renamed.push({ kind, from, to });
      return { ...held, value: { ...held.value, name: to } };
    });
  };
  const pools = rename("IPAddressPool", effective.pools);
  const profiles = rename("BFDProfile", effective.profiles);
  const peers = effective.peers.map((held) => {
    const profile = held.value["bfd-profile"] ?? "";
    return profile === "" ? held : { ...held, value: { ...held.value, "bfd-profile": dnsName(profile) ?? profile } };
  });
  return { ...effective, peers, pools, profiles };
}

function dataAlone(text: string): FoundConfigMap {
  return { text, namespace: null, placeOf: (position) => position };
}

function errorOf({ path, code, message, position }: OldConfigIssue, { placeOf }: FoundConfigMap): ConversionError {
  const place = position === null ? null : placeOf(position);
  return { code, path: pathText(path), message, line: place?.line ?? null, column: place?.column ?? null };
}

function byPlace(a: ConversionError, b: ConversionError): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

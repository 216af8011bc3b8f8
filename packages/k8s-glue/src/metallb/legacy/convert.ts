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

/** How to read what is to be converted. */
export interface ConversionOptions {
  /** Namespace of the objects; else the ConfigMap's own, else `metallb-system`. */
  readonly namespace?: string;
  /** The text is what stands under the key `config`, not a manifest. */
  readonly onlyData?: boolean;
}

/** A name that could not stay as it was: Services that ask for such a pool must ask for it by the new one. */
export interface Renaming {
  readonly kind: "IPAddressPool" | "BFDProfile";
  readonly from: string;
  readonly to: string;
}

/** What the old configuration became. */
export interface Conversion {
  readonly objects: readonly KubernetesObject[];
  readonly renamed: readonly Renaming[];
}

/** Why there is no conversion. */
export interface ConversionError {
  readonly code: IssueCode;
  /** `address-pools[0].addresses[2]`; empty where it is about the whole. */
  readonly path: string;
  /** What is wrong and what to write; starts with a noun, no period at the end. */
  readonly message: string;
  /** In the text that was given, counted from 1; null where it cannot be told. */
  readonly line: number | null;
  readonly column: number | null;
}

const defaultNamespace = "metallb-system";

/**
 * Turns the old ConfigMap into the objects that say the same, named and ordered as MetalLB's own converter does. It is all or nothing:
 * every issue is an error, also a name for two.
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

/** Pools and profiles under names that objects can have, and peers that refer to profiles by them. */
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

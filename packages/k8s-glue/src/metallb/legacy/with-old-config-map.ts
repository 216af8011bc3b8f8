import { type KubernetesObject, type ObjectRef, refOf } from "@herald-lb/k8s-glue/objects";
import type { AdvertisementScope, Configuration } from "../config/configuration.ts";
import { type HostAddresses, noHostAddresses } from "../config/host-addresses.ts";
import type { ConfigIssue } from "../config/issue.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { advertisesPool } from "../config/scope.ts";
import { objectId } from "../status/accepted.ts";
import { asNewest, type ConvertedObject, oldPathOf } from "./converted-object.ts";
import { dnsName } from "./dns-name.ts";
import { entryId, type OldConfigIssue, pathText } from "./old-config-issue.ts";
import type { OldConfigMapReading } from "./read-old-config-map.ts";
import { objectsOf } from "./to-objects.ts";

/** The name of the ConfigMap that configured MetalLB up to 0.12. */
export const OLD_CONFIG_MAP = "config";

/** The key of the configuration in it. */
export const OLD_CONFIG_KEY = "config";

/** The old ConfigMap and its reading. */
export interface OldConfigMap {
  readonly configMap: KubernetesObject;
  readonly reading: OldConfigMapReading;
}

/**
 * Reads objects together with the old ConfigMap: its entries count as newer than every object, and give way to an object of their
 * name. Their issues are reported on the ConfigMap, which `objects` contains in the place of the converted objects.
 */
export function readConfigurationWith(
  objects: readonly KubernetesObject[],
  { configMap, reading }: OldConfigMap,
  hostAddresses: HostAddresses = noHostAddresses,
): Configuration {
  const ref = refOf({ apiVersion: "v1", kind: "ConfigMap", ...configMap });
  const wanted = objectsOf(reading.effective, ref.namespace);
  const issues: ConfigIssue[] = reading.issues.map((issue) => issueOf(ref, issue, reading));
  const ownerOf = ownersAmong(objects);
  const replacedPools = new Map<string, string>();
  const made = wanted.flatMap((each) => {
    const owner = ownerOf(each);
    const pool = replacedPools.get(entryId(each.at));
    if (owner === null) return [pool === undefined ? each : advertisingPool(pool, each)];
    issues.push(repeated(ref, each, owner));
    if (each.object.kind === "IPAddressPool") replacedPools.set(entryId(each.at), owner.metadata?.name ?? "");
    return [];
  });
  const byId = new Map(made.map((each) => [objectId(refOf(each.object)), each]));
  const read = readConfiguration([...objects, ...made.map(asNewest)], hostAddresses);
  const told = new Set(reading.issues.map(({ path, code }) => `${pathText(path)} ${code}`));
  for (const issue of read.issues) {
    const source = byId.get(objectId(issue.object));
    if (source === undefined) issues.push(issue);
    else {
      const path = pathText(oldPathOf(source, issue.path));
      if (told.has(`${path} ${issue.code}`)) continue;
      issues.push({ ...issue, object: ref, path, effect: issue.effect === "Noted" ? "Noted" : "Partial" });
    }
  }
  const wantedIds = new Set(wanted.map(({ object }) => objectId(refOf(object))));
  const others = [...read.l2Advertisements, ...read.bgpAdvertisements].filter(
    ({ object }) => !wantedIds.has(objectId(object)),
  );
  /** True for an advertisement of the ConfigMap whose pool an object has replaced, once an advertisement of the user selects that pool. */
  const isSuperseded = ({ object, pools }: AdvertisementScope): boolean => {
    const source = byId.get(objectId(object));
    if (source === undefined || !replacedPools.has(entryId(source.at))) return false;
    const announced = read.pools.filter(({ pool }) => pools?.names.includes(pool.name));
    return announced.some((pool) => others.some((other) => advertisesPool(other, pool)));
  };
  return {
    ...read,
    l2Advertisements: read.l2Advertisements.filter((each) => !isSuperseded(each)),
    bgpAdvertisements: read.bgpAdvertisements.filter((each) => !isSuperseded(each)),
    issues,
    objects: [ref, ...read.objects.filter((object) => !byId.has(objectId(object)))],
  };
}

function issueOf(
  object: ObjectRef,
  { path, code, message, position }: OldConfigIssue,
  { isApplied }: OldConfigMapReading,
): ConfigIssue {
  return {
    object,
    path: path.length === 0 ? `data.${OLD_CONFIG_KEY}` : pathText(path),
    code,
    effect: isApplied ? "Partial" : "Rejected",
    message: position === null ? message : `line ${position.line}: ${message}`,
    facts: position === null ? {} : { line: position.line, column: position.column },
  };
}

/** Finds the object that replaces a converted one; null for none. */
function ownersAmong(objects: readonly KubernetesObject[]): (made: ConvertedObject) => KubernetesObject | null {
  const id = (kind = "", name = ""): string => `${kind}/${name}`;
  const byId = new Map(objects.map((object) => [id(object.kind, object.metadata?.name), object]));
  return ({ object: { kind, metadata } }) => {
    // An object may have the name that MetalLB's converter gives: then it replaces the entry too.
    const converted = dnsName(metadata.name) ?? metadata.name;
    return byId.get(id(kind, metadata.name)) ?? byId.get(id(kind, converted)) ?? null;
  };
}

/** The advertisement for a pool that an object has replaced, perhaps under another name. */
function advertisingPool(pool: string, { object, ...rest }: ConvertedObject): ConvertedObject {
  return { ...rest, object: { ...object, spec: { ...object.spec, ipAddressPools: [pool] } } };
}

function repeated(object: ObjectRef, { object: { kind }, at }: ConvertedObject, owner: KubernetesObject): ConfigIssue {
  const name = owner.metadata?.name ?? "";
  return {
    object,
    path: pathText(at),
    code: "Duplicate",
    effect: "Noted",
    message: `${kind} "${name}" replaces the entry`,
    facts: { kind, name },
  };
}

import type { Failure } from "../object/failure.ts";
import { type JsonObject, objectAt, stringAt, stringsAt, valueAt } from "../object/json.ts";
import { clusterIpOf, createNumberPool, familyOfAddress, type NumberPool, offsetOf } from "./cluster-addresses.ts";
import { refuseField } from "./service-refusal.ts";

type Family = "IPv4" | "IPv6";

/** The free cluster IPs of each family. */
export type ClusterIpPools = Readonly<Record<Family, NumberPool>>;

/** Creates the pools of 10.96.0.0/16 and fd00:10:96::/112. */
export function createClusterIpPools(): ClusterIpPools {
  return { IPv4: createNumberPool(1, 65534), IPv6: createNumberPool(1, 65535) };
}

/** The cluster IPs that a Service holds. */
export function clusterIpsOf(service: JsonObject | undefined): readonly string[] {
  return stringsAt(service, "spec", "clusterIPs").filter((ip) => ip !== "None" && ip !== "");
}

/** Fills in the families and cluster IPs of a Service, in place; `before` is the stored Service on update. */
export function allocateClusterIps(
  pools: ClusterIpPools,
  service: JsonObject,
  before: JsonObject | undefined,
): Failure | undefined {
  const spec = objectAt(service, "spec");
  const asked = stringsAt(spec, "clusterIPs")[0] ?? stringAt(spec, "clusterIP");
  if (stringAt(spec, "type") === "ExternalName") {
    for (const key of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) delete spec[key];
    return undefined;
  }
  const families = wantedFamilies(spec, before);
  spec["ipFamilyPolicy"] ??= families.length === 2 ? "RequireDualStack" : "SingleStack";
  if (asked === "None") {
    setHeadless(spec, families);
    return undefined;
  }
  spec["ipFamilies"] = [...families];
  const held = clusterIpsOf(before);
  const named = stringsAt(spec, "clusterIPs");
  const wanted = named.length > 0 ? named : [stringAt(spec, "clusterIP")];
  const taken: string[] = [];
  for (const [index, family] of families.entries()) {
    const ip = wanted[index] ?? "";
    if (ip !== "" && held.includes(ip)) {
      taken.push(ip);
      continue;
    }
    const offset = pools[family].take(ip === "" ? undefined : (offsetOf(ip) ?? -1));
    if (offset === undefined)
      return refuseField(
        service,
        "spec.clusterIPs",
        `Invalid value: ${JSON.stringify(wanted)}: failed to allocate IP ${ip}: provided IP is already allocated or not in the valid range`,
      );
    taken.push(clusterIpOf(family, offset));
  }
  spec["clusterIP"] = taken[0] ?? "";
  spec["clusterIPs"] = taken;
  return undefined;
}

/** Frees the cluster IPs of a Service, except those that another version of it holds. */
export function releaseClusterIps(
  pools: ClusterIpPools,
  service: JsonObject | undefined,
  except: JsonObject | undefined,
): void {
  const kept = clusterIpsOf(except);
  for (const ip of clusterIpsOf(service)) if (!kept.includes(ip)) pools[familyOfAddress(ip)].release(offsetOf(ip) ?? 0);
}

function setHeadless(spec: JsonObject, families: readonly Family[]): void {
  if (valueAt(spec, "selector") === undefined && spec["ipFamilies"] === undefined)
    spec["ipFamilyPolicy"] = "RequireDualStack";
  const isDual = spec["ipFamilyPolicy"] === "RequireDualStack" && families.length === 1;
  spec["ipFamilies"] = isDual ? ["IPv4", "IPv6"] : [...families];
  spec["clusterIP"] = "None";
  spec["clusterIPs"] = ["None"];
}

function wantedFamilies(spec: JsonObject, before: JsonObject | undefined): readonly Family[] {
  const policy = stringAt(spec, "ipFamilyPolicy");
  const named = stringsAt(spec, "ipFamilies") as Family[];
  const given = stringsAt(spec, "clusterIPs")
    .filter((ip) => ip !== "None")
    .map(familyOfAddress);
  const families: Family[] = named.length > 0 ? named : given.length > 0 ? given : ["IPv4"];
  const dual =
    policy === "PreferDualStack" || policy === "RequireDualStack" || (policy === "" && families.length === 2);
  if (!dual)
    return policy === "SingleStack" && before !== undefined ? families.slice(0, 1) : families.slice(0, dual ? 2 : 1);
  return families.length === 2 ? families : [families[0] ?? "IPv4", families[0] === "IPv6" ? "IPv4" : "IPv6"];
}

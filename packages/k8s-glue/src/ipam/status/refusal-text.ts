import type { PoolRefusal, Refusal, SharingConflict } from "@herald-lb/allocator";
import type { DemandRefusal } from "../demand/demand-refusal.ts";
import type { IneligiblePool } from "../demand/ineligible-pools.ts";

/**
 * A refusal as text with its facts, as conditions, Events and the log print it. `ineligible` are the pools that are not eligible
 * for the Service.
 */
export function refusalText(refusal: Refusal | DemandRefusal, ineligible: readonly IneligiblePool[] = []): string {
  switch (refusal.code) {
    case "NoEligiblePool":
      return closedTexts(ineligible);
    case "AddressOutsidePools":
      return `address ${refusal.address} lies in no pool`;
    case "AddressNotPermitted":
      return `address ${refusal.address} lies in pool "${refusal.pool}", which may not serve this service: its serviceAllocation is for others, or another pool is asked for`;
    case "AddressAvoided":
      return `address ${refusal.address} ends in 0 or 255, which pool "${refusal.pool}" avoids`;
    case "AddressNotRequestable":
      return `address ${refusal.address} lies in pool "${refusal.pool}", of which this namespace may request no address: its tenancy names others`;
    case "AddressExcluded":
      return `address ${refusal.address} is one that pool "${refusal.pool}" excludes`;
    case "AddressReserved":
      return `address ${refusal.address} of pool "${refusal.pool}" is reserved for "${refusal.for}"`;
    case "AddressCoolingDown":
      return `address ${refusal.address} of pool "${refusal.pool}" was given back by "${refusal.lastHolder}" and is cooling down`;
    case "QuotaReached":
      return `quota reached: namespace "${refusal.account}" may hold no more than ${refusal.limit} of the addresses of ${refusal.pool === null ? "all pools together" : `pool "${refusal.pool}"`}`;
    case "AddressesInSeveralPools":
      return `addresses ${refusal.addresses.join(", ")} do not go together: they are of several pools, or too many of one family`;
    case "AddressTaken":
      return `address ${refusal.address} is held by "${refusal.by}": ${sharingConflictText(refusal.conflict)}`;
    case "FamilyMismatch":
      return `addresses ${refusal.requested.join(", ")} do not fit the service, which needs ${refusal.wanted.join(" and ")}`;
    case "PoolsExhausted":
      return `no available IPs: ${triedTexts(refusal.tried)}`;
    case "NoClusterIP":
      return "service has no cluster IP";
    case "BadClusterIPs":
      return `cluster IPs ${refusal.clusterIPs.join(", ")} are not one address of each family at most`;
    case "NotEnoughClusterIPs":
      return `ipFamilyPolicy RequireDualStack needs two cluster IPs, the service has ${refusal.clusterIPs.join(", ")}`;
    case "FamilyPolicyMismatch":
      return `ipFamilyPolicy ${refusal.policy} does not go with cluster IPs ${refusal.clusterIPs.join(", ")}`;
    case "RequestedTwice":
      return `addresses are requested twice: "${refusal.annotation}" by annotation, "${refusal.loadBalancerIP}" by spec.loadBalancerIP`;
    case "BadRequestedAddress":
      return `${refusal.field === "annotation" ? "annotation metallb.io/loadBalancerIPs" : refusal.field}: "${refusal.text}" is not an address`;
    case "TooManyRequestedAddresses":
      return `more than ${2 * refusal.perFamily === 2 ? "two" : 2 * refusal.perFamily} addresses are requested: ${refusal.addresses.join(", ")}`;
    case "RequestedSameFamily":
      return `requested addresses ${refusal.addresses.join(", ")} are of the same family, of which annotation herald-lb.io/addresses-per-family allows ${refusal.perFamily}`;
    case "UnknownPool":
      return `unknown pool "${refusal.pool}"`;
    case "PoolNotPermitted":
      return `pool "${refusal.pool}" is not for this service: its serviceAllocation is for others`;
    case "PoolNotRequestable":
      return `pool "${refusal.pool}" may not be requested from this namespace: its tenancy names others`;
    case "AddressNotOfPool":
      return `requested addresses ${refusal.addresses.join(", ")} are not of pool "${refusal.pool}", which is requested too`;
  }
}

/** The maximum number of pools named for one reason. */
const MOST_NAMED = 100;

/** The pools that were tried, grouped by reason. */
function triedTexts(tried: readonly PoolRefusal[]): string {
  return byReason(tried, triedText);
}

function closedTexts(ineligible: readonly IneligiblePool[]): string {
  if (ineligible.length === 0) return "no pool is for this service: there is none";
  return `no pool is for this service: ${byReason(ineligible, ({ because }) => closedReasons[because])}`;
}

const closedReasons: Readonly<Record<IneligiblePool["because"], string>> = {
  AutoAssignOff: "autoAssign is off",
  OtherNamespaces: "serviceAllocation is for other namespaces",
  OtherServices: "serviceAllocation is for services with other labels",
};

function byReason<Each extends { readonly pool: string }>(
  each: readonly Each[],
  textOf: (one: Each) => string,
): string {
  const groups = Map.groupBy(each, textOf);
  return [...groups].map(([reason, group]) => `${poolsText(group)} ${reason}`).join("; ");
}

function poolsText(group: readonly { readonly pool: string }[]): string {
  const names = [...new Set(group.map(({ pool }) => `"${pool}"`))];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `${names.length === 1 ? "pool" : "pools"} ${names.slice(0, MOST_NAMED).join(", ")}${more}:`;
}

/** The reason why a pool assigned no address of a family, without the pool's name. */
export function triedText(tried: PoolRefusal): string {
  switch (tried.code) {
    case "Exhausted":
      return `no ${tried.family} address is free`;
    case "FamilyAbsent":
      return `no ${tried.family} addresses`;
    case "Unknown":
      return `no such pool for ${tried.family}`;
    case "Reserved":
      return `every free ${tried.family} address is reserved for another service`;
    case "CoolingDown":
      return `every free ${tried.family} address is cooling down`;
    case "QuotaReached":
      return `namespace "${tried.account}" may hold no more than ${tried.limit} of its addresses`;
  }
}

function sharingConflictText(conflict: SharingConflict): string {
  switch (conflict.code) {
    case "NotShared":
      return "this service shares no address";
    case "SharingKey":
      return conflict.theirs === null ? "that one shares no address" : `its sharing key is "${conflict.theirs}"`;
    case "Backend":
      return "with externalTrafficPolicy Local only services with the same selector share an address";
    case "Port":
      return `port ${conflict.port.protocol}/${conflict.port.port} is already in use`;
    case "OtherAccount":
      return `the pool lets it be shared only with "${conflict.theirs}" and whom both name`;
  }
}

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
      return `address ${refusal.address} is in no pool`;
    case "AddressNotPermitted":
      return `address ${refusal.address} is in pool "${refusal.pool}", which this service may not use: the pool's serviceAllocation is for others, or the service requests another pool`;
    case "AddressAvoided":
      return `address ${refusal.address} ends in 0 or 255, which pool "${refusal.pool}" never assigns: its avoidBuggyIPs is set`;
    case "AddressNotRequestable":
      return `address ${refusal.address} is in pool "${refusal.pool}", whose tenancy does not let this namespace request its addresses`;
    case "AddressExcluded":
      return `address ${refusal.address} is excluded from pool "${refusal.pool}": excludeAddresses has it, or a node or gateway does`;
    case "AddressOccupied":
      return `address ${refusal.address} of pool "${refusal.pool}" is in use by another station on the segment`;
    case "AddressReserved":
      return `address ${refusal.address} of pool "${refusal.pool}" is reserved for service "${refusal.for}"`;
    case "AddressCoolingDown":
      return `address ${refusal.address} of pool "${refusal.pool}" is cooling down after its release by "${refusal.lastHolder}"`;
    case "QuotaReached":
      return `quota reached: the services of namespace "${refusal.account}" may hold at most ${refusal.limit} of the addresses of ${refusal.pool === null ? "all pools together" : `pool "${refusal.pool}"`}`;
    case "AddressesInSeveralPools":
      return `addresses ${refusal.addresses.join(", ")} cannot be assigned together: they are of several pools, or too many of one family`;
    case "AddressTaken":
      return `address ${refusal.address} is held by "${refusal.by}": ${sharingConflictText(refusal.conflict)}`;
    case "FamilyMismatch":
      return `addresses ${refusal.requested.join(", ")} do not match the IP families of the service, which are ${refusal.wanted.join(" and ")}`;
    case "PoolsExhausted":
      return `no available IPs: ${triedTexts(refusal.tried)}`;
    case "NoClusterIP":
      return "service has no cluster IP";
    case "BadClusterIPs":
      return `cluster IPs ${refusal.clusterIPs.join(", ")} are invalid: a service has at most one of each IP family`;
    case "NotEnoughClusterIPs":
      return `ipFamilyPolicy RequireDualStack needs two cluster IPs, the service has ${refusal.clusterIPs.join(", ")}`;
    case "FamilyPolicyMismatch":
      return `ipFamilyPolicy ${refusal.policy} does not match cluster IPs ${refusal.clusterIPs.join(", ")}`;
    case "RequestedTwice":
      return `addresses are requested twice: "${refusal.annotation}" by annotation metallb.io/loadBalancerIPs, "${refusal.loadBalancerIP}" by spec.loadBalancerIP; remove one of them`;
    case "BadRequestedAddress":
      return `${refusal.field === "annotation" ? "annotation metallb.io/loadBalancerIPs" : refusal.field}: "${refusal.text}" is not an address`;
    case "TooManyRequestedAddresses":
      return `more than ${2 * refusal.perFamily === 2 ? "two" : 2 * refusal.perFamily} addresses are requested: ${refusal.addresses.join(", ")}`;
    case "RequestedSameFamily":
      return `requested addresses ${refusal.addresses.join(", ")} are of the same family, of which annotation herald-lb.io/addresses-per-family allows ${refusal.perFamily}`;
    case "UnknownPool":
      return `unknown pool "${refusal.pool}"`;
    case "PoolNotPermitted":
      return `pool "${refusal.pool}" may not be used by this service: its serviceAllocation is for others`;
    case "PoolNotRequestable":
      return `pool "${refusal.pool}" may not be requested from this namespace: its tenancy selects others`;
    case "AddressNotOfPool":
      return `requested addresses ${refusal.addresses.join(", ")} are not of pool "${refusal.pool}", which the service requests too`;
  }
}

/** The maximum number of pools named for one reason. */
const MOST_NAMED = 100;

/** The pools that were tried, grouped by reason. */
function triedTexts(tried: readonly PoolRefusal[]): string {
  return byReason(tried, triedText);
}

function closedTexts(ineligible: readonly IneligiblePool[]): string {
  if (ineligible.length === 0) return "no pool is eligible for this service: there is no valid IPAddressPool";
  return `no pool is eligible for this service: ${byReason(ineligible, ({ because }) => closedReasons[because])}`;
}

const closedReasons: Readonly<Record<IneligiblePool["because"], string>> = {
  AutoAssignOff: "autoAssign is off",
  OtherNamespaces: "serviceAllocation selects other namespaces",
  OtherServices: "serviceAllocation selects services with other labels",
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
      return `it does not exist`;
    case "Reserved":
      return `every free ${tried.family} address is reserved for another service`;
    case "Occupied":
      return `every free ${tried.family} address is in use by another station on the segment`;
    case "CoolingDown":
      return `every free ${tried.family} address is cooling down`;
    case "QuotaReached":
      return `the services of namespace "${tried.account}" may hold at most ${tried.limit} of its addresses`;
  }
}

function sharingConflictText(conflict: SharingConflict): string {
  switch (conflict.code) {
    case "NotShared":
      return "this service has no annotation metallb.io/allow-shared-ip";
    case "SharingKey":
      return conflict.theirs === null
        ? "that service has no annotation metallb.io/allow-shared-ip"
        : `the sharing key of that service is "${conflict.theirs}"`;
    case "Backend":
      return "with externalTrafficPolicy Local only services with the same selector share an address";
    case "Port":
      return `port ${conflict.port.protocol}/${conflict.port.port} is already in use`;
    case "OtherAccount":
      return `the pool shares addresses only within namespace "${conflict.theirs}", or between namespaces whose services name each other in annotation herald-lb.io/share-with-namespaces`;
  }
}

import type { Obstacle, PoolRefusal, Refusal } from "@herald-lb/allocator";
import type { DemandRefusal } from "../service/demand-refusal.ts";

/** A refusal in words, with the facts: what Events and the log print. */
export function refusalText(refusal: Refusal | DemandRefusal): string {
  switch (refusal.code) {
    case "NoEligiblePool":
      return "no pool is for this service: every pool is pinned to others or has autoAssign off";
    case "AddressOutsidePools":
      return `address ${refusal.address} lies in no pool`;
    case "AddressNotPermitted":
      return `address ${refusal.address} lies in pool "${refusal.pool}", which is not for this service`;
    case "AddressAvoided":
      return `address ${refusal.address} ends in 0 or 255, which pool "${refusal.pool}" avoids`;
    case "AddressNotRequestable":
      return `address ${refusal.address} lies in pool "${refusal.pool}", of which this service may request no address`;
    case "AddressExcluded":
      return `address ${refusal.address} is one that pool "${refusal.pool}" excludes`;
    case "AddressReserved":
      return `address ${refusal.address} of pool "${refusal.pool}" is reserved for "${refusal.for}"`;
    case "AddressCoolingDown":
      return `address ${refusal.address} was given back by "${refusal.last}" and cools down, as pool "${refusal.pool}" has it`;
    case "QuotaReached":
      return `quota reached: "${refusal.account}" may hold ${refusal.limit} addresses of ${refusal.pool === null ? "all pools together" : `pool "${refusal.pool}"`}`;
    case "AddressesInSeveralPools":
      return `addresses ${refusal.addresses.join(", ")} are not of one pool, one of each family`;
    case "AddressTaken":
      return `address ${refusal.address} is held by "${refusal.by}": ${obstacleText(refusal.because)}`;
    case "FamilyMismatch":
      return `addresses ${refusal.requested.join(", ")} do not fit the service, which needs ${refusal.wanted.join(" and ")}`;
    case "PoolsExhausted":
      return `no available IPs: ${refusal.tried.map(triedText).join("; ")}`;
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
      return `${refusal.field === "annotation" ? "annotation loadBalancerIPs" : refusal.field}: "${refusal.text}" is not an address`;
    case "TooManyRequestedAddresses":
      return `more than two addresses are requested: ${refusal.addresses.join(", ")}`;
    case "RequestedSameFamily":
      return `requested addresses ${refusal.addresses.join(", ")} are of the same family`;
    case "UnknownPool":
      return `unknown pool "${refusal.pool}"`;
    case "PoolNotPermitted":
      return `pool "${refusal.pool}" is not for this service`;
  }
}

function triedText(tried: PoolRefusal): string {
  const pool = `pool "${tried.pool}"`;
  switch (tried.code) {
    case "Exhausted":
      return `${pool} has no free ${tried.family}`;
    case "FamilyAbsent":
      return `${pool} has no ${tried.family}`;
    case "Unknown":
      return `${pool} does not exist for ${tried.family}`;
    case "Reserved":
      return `${pool} has only reserved ${tried.family} left`;
    case "CoolingDown":
      return `${pool} has only ${tried.family} left that cools down`;
    case "QuotaReached":
      return `${pool} gives "${tried.account}" ${tried.limit} addresses at most`;
  }
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.code) {
    case "NotShared":
      return "this service shares no address";
    case "SharingKey":
      return obstacle.theirs === null ? "that one shares no address" : `its sharing key is "${obstacle.theirs}"`;
    case "Backend":
      return "with externalTrafficPolicy Local only services with the same selector share an address";
    case "Port":
      return `port ${obstacle.port.protocol}/${obstacle.port.port} is already in use`;
    case "OtherAccount":
      return `the pool lets it be shared only with "${obstacle.theirs}" and whom both name`;
  }
}

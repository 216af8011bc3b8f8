import type { Obstacle, Refusal } from "@herald-lb/allocator";
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
    case "AddressesInSeveralPools":
      return `addresses ${refusal.addresses.join(", ")} are not of one pool, one of each family`;
    case "AddressTaken":
      return `address ${refusal.address} is held by "${refusal.by}": ${obstacleText(refusal.because)}`;
    case "FamilyMismatch":
      return `addresses ${refusal.requested.join(", ")} do not fit the service, which needs ${refusal.wanted.join(" and ")}`;
    case "PoolsExhausted":
      return `no available IPs: ${refusal.tried.map(({ pool, family, code }) => `pool "${pool}" ${TRIED[code]} ${family}`).join("; ")}`;
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

const TRIED = { Exhausted: "has no free", FamilyAbsent: "has no", Unknown: "does not exist for" } as const;

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
  }
}

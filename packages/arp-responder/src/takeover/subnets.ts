import type { IpAddress } from "@herald-lb/sansio";
import { answersOn, type InterfaceSubnets } from "../interface-selection.ts";
import type { AnnouncementCandidate, AnnouncementRequest } from "./announcement-request.ts";

/** The part of a candidate that says where it would answer. */
type Selections = Pick<AnnouncementCandidate, "interfaces" | "onSubnet">;

/** True for a request that a node may announce only by its subnets. */
export function isBySubnet({ candidates }: AnnouncementRequest): boolean {
  return candidates.some(({ onSubnet }) => onSubnet !== undefined);
}

/**
 * The addresses for which a candidate would answer, as far as subnets decide: all of them where it also answers on interfaces without regard to subnets. None for a
 * node whose subnets are not known.
 */
export function reachedOf(
  candidate: Selections,
  addresses: readonly IpAddress[],
  subnets: readonly InterfaceSubnets[] | undefined,
): readonly IpAddress[] {
  const { interfaces, onSubnet } = candidate;
  if (onSubnet === undefined || interfaces === "all" || interfaces.length > 0) return addresses;
  return addresses.filter((address) => subnets?.some((each) => answersOn(candidate, address, each)) === true);
}

import type { IpAddress } from "@herald-lb/sansio";
import type { ConflictPolicy, OnConflict } from "../conflict-options.ts";
import type { InterfaceSelection } from "../interface-selection.ts";
import type { Cadence } from "../responder/cadence.ts";
import type { Candidate } from "./election.ts";

/** A candidate with the interfaces on which it would answer. */
export interface AnnouncementCandidate extends Candidate {
  readonly interfaces: InterfaceSelection;
  /** Further interfaces on which it would answer for those of the addresses that are on one of their subnets. None where absent. */
  readonly onSubnet?: InterfaceSelection;
}

/** The wish that several nodes serve an address, each for its part of the clients. */
export interface LoadSharingRequest {
  /** True where a node that joins takes over its clients at once; otherwise it waits until each of them asks again. */
  readonly rebalance: boolean;
}

/** One service's addresses on the segment, and the nodes that may announce them. */
export interface AnnouncementRequest {
  readonly key: string;
  readonly addresses: readonly IpAddress[];
  /** The address that ranks the candidates: the first one, of all services that share one. */
  readonly electionAddress: IpAddress;
  readonly candidates: readonly AnnouncementCandidate[];
  /** True where the announcer keeps the addresses when a node that ranks before it comes. Needs a membership. */
  readonly sticky: boolean;
  /** MetalLB's where it is left out. */
  readonly cadence?: Cadence;
  /** `Announce` where absent. */
  readonly conflictPolicy?: ConflictPolicy;
  /** `Defend` where absent. */
  readonly onConflict?: OnConflict;
  /** True where a rival of an address is watched on after the address is wanted no more. False where absent. */
  readonly watchesRivals?: boolean;
  /** True where no node is to announce more of all such requests than its share plus one. */
  readonly spread: boolean;
  /** Absent where one node announces. Otherwise every candidate that can serve does, each for its part of the clients. Needs a membership. */
  readonly loadSharing?: LoadSharingRequest;
}

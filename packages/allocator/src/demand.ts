import type { IpAddress, IpFamily } from "@herald-lb/sansio";

/** The caller's name for one holder of addresses; the allocator reads nothing into it. */
export type ServiceKey = string;

/** The caller's name for a group of services, for example a tenant. Quotas count by account, and a pool may confine sharing to one. */
export type AccountKey = string;

/** The families that a service wants together. */
export type FamilyPolicy =
  /** Exactly these; the first one is the primary. */
  | { readonly type: "All"; readonly families: readonly IpFamily[] }
  /** Both if one pool has both, else the primary, else the secondary. */
  | { readonly type: "PreferBoth"; readonly primary: IpFamily };

/** A port that a service listens on. Services on one address have no port in common. */
export interface Port {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** A pool to try, or several of the same rank, of which the one with the largest free share is tried first. */
export type PoolChoice = string | readonly string[];

/** The demand of one service. The caller has resolved selectors and priorities. */
export interface Demand {
  readonly service: ServiceKey;
  /** The account that its addresses count for, the same while it holds any. The empty account if absent. */
  readonly account?: AccountKey;
  readonly families: FamilyPolicy;
  /** The number of addresses of each family, all of one pool; at least 1. 1 if absent. */
  readonly perFamily?: number;
  readonly ports: readonly Port[];
  /** The pools that assign addresses when none is requested, best first. All of them are permitted. */
  readonly pools: readonly PoolChoice[];
  /** The pools in which the service may hold addresses. Requested or recorded addresses elsewhere are refused. */
  readonly permitted: readonly string[];
  /**
   * Pools that are not permitted, in which the service keeps what it holds while the permitted pools have nothing for it: it was given
   * these addresses before it asked for other pools. None if absent.
   */
  readonly retainedPools?: readonly string[];
  /** The permitted pools whose addresses the service may request by name. All of them if absent. */
  readonly requestable?: readonly string[];
  /** The addresses that the service requests by name, at most `perFamily` of each family; empty if it takes any. */
  readonly requested: readonly IpAddress[];
  /** The addresses of a service that cannot have the requested ones: those that it holds, or none. `Keep` if absent. */
  readonly ifImpossible?: "Keep" | "Release";
  /** The addresses that the service holds already, according to its status. */
  readonly recorded: readonly IpAddress[];
  /** Services with the same key may hold one address; null if the service shares none. */
  readonly sharingKey: string | null;
  /** Other accounts that the service shares with where a pool confines sharing; `*` is every account. None if absent. */
  readonly sharesWith?: readonly AccountKey[];
  /** The caller's name for the endpoints that answer. Services on one address have the same. */
  readonly backendKey: string;
}

import type { IpAddress, IpFamily } from "@herald-lb/sansio";

/** The caller's name for one holder of addresses; nothing is read into it. */
export type ServiceKey = string;

/** The caller's name for a group of services, such as a tenant: what quotas count and what sharing may be confined to. */
export type AccountKey = string;

/** Which families a service wants together. */
export type FamilyPolicy =
  /** Exactly these, the first one being the primary. */
  | { readonly type: "All"; readonly families: readonly IpFamily[] }
  /** Both where one pool can give both, else the primary, else the secondary. */
  | { readonly type: "PreferBoth"; readonly primary: IpFamily };

/** A port a service listens on; a shared address serves each pair once. */
export interface Port {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** A pool to try, or several of the same rank, of which the one with the largest free part is tried first. */
export type PoolChoice = string | readonly string[];

/** What one service asks for. Selectors and priorities were resolved by the caller. */
export interface Demand {
  readonly service: ServiceKey;
  /** Whom its addresses count for, the same as long as it holds any; the empty account where absent. */
  readonly account?: AccountKey;
  readonly families: FamilyPolicy;
  /** How many addresses of each family, all of one pool; at least 1, and 1 where absent. */
  readonly perFamily?: number;
  readonly ports: readonly Port[];
  /** Pools to take from, best first, when no address is requested: all of them permitted. */
  readonly pools: readonly PoolChoice[];
  /** Pools in which this service may hold an address at all: requested or recorded addresses elsewhere are refused. */
  readonly permitted: readonly string[];
  /**
   * Pools not permitted in which it may keep what it holds as long as those permitted have nothing for it: what it was given before it
   * asked for others. None where absent.
   */
  readonly retainedPools?: readonly string[];
  /** Of those permitted, the pools whose addresses it may request by name; all of them where absent. */
  readonly requestable?: readonly string[];
  /** Addresses asked for by name: at most `perFamily` of each family; empty when any will do. */
  readonly requested: readonly IpAddress[];
  /** What to do when the requested addresses cannot be had and the service holds others: `Keep` those, or be left with none. `Keep` where absent. */
  readonly ifImpossible?: "Keep" | "Release";
  /** Addresses that the service holds already, as its status says. */
  readonly recorded: readonly IpAddress[];
  /** Services with the same key may hold one address; null: never shared. */
  readonly sharingKey: string | null;
  /** Other accounts it consents to share with, where a pool confines sharing; `*` is everyone. None where absent. */
  readonly sharesWith?: readonly AccountKey[];
  /** Services on one address must agree on this as well; it tells which endpoints answer. */
  readonly backendKey: string;
}

import type { IpAddress, IpFamily } from "@herald-lb/sansio";

/** The caller's name for one holder of addresses; nothing is read into it. */
export type ServiceKey = string;

/** Which families a service wants together. */
export type FamilyWish =
  /** Exactly these, the first one being the primary. */
  | { readonly type: "All"; readonly families: readonly IpFamily[] }
  /** Both where one pool can give both, else the primary, else the secondary. */
  | { readonly type: "PreferBoth"; readonly primary: IpFamily };

/** A port a service listens on; a shared address serves each pair once. */
export interface Port {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** What one service asks for. Selectors and priorities were resolved by the caller. */
export interface Demand {
  readonly service: ServiceKey;
  readonly families: FamilyWish;
  readonly ports: readonly Port[];
  /** Pools to take from, best first, when no address is requested. */
  readonly pools: readonly string[];
  /** Pools in which this service may hold an address at all: requested or recorded addresses elsewhere are refused. */
  readonly permitted: readonly string[];
  /** Addresses asked for by name: at most one of each family; empty when any will do. */
  readonly requested: readonly IpAddress[];
  /** Addresses that the service holds already, as its status says. */
  readonly recorded: readonly IpAddress[];
  /** Services with the same key may hold one address; null: never shared. */
  readonly sharingKey: string | null;
  /** Services on one address must agree on this as well; it tells which endpoints answer. */
  readonly backendKey: string;
}

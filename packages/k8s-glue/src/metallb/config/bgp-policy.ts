import type { Ipv4Address, Ipv6Address } from "@herald-lb/sansio";

/** One community to attach: RFC 1997's 32 bits, or RFC 8092's three numbers. */
export type CommunityValue =
  | { readonly type: "Standard"; readonly value: number }
  | {
      readonly type: "Large";
      readonly globalAdministrator: number;
      readonly localDataPart1: number;
      readonly localDataPart2: number;
    };

/** One extended community to attach, RFC 4360 §4 and §5. */
export interface ExtendedCommunityValue {
  readonly type: "RouteTarget" | "RouteOrigin";
  /** An AS number of two or four octets, or an IPv4 address. */
  readonly globalAdministrator: number | Ipv4Address;
  /** 32 bits beside an AS number of two octets, else 16. */
  readonly localAdministrator: number;
}

/** The attributes that Services may set by annotations: `spec.serviceOverrides`. */
export interface ServiceOverrides {
  /** Null for every namespace. */
  readonly namespaces: readonly string[] | null;
  readonly communities: readonly CommunityValue[];
  /** Null where they may set none. */
  readonly localPref: { readonly minimum: number; readonly maximum: number } | null;
}

/** The options of a BGPAdvertisement that MetalLB does not have. */
export interface BgpPolicy {
  /** Null without a value. */
  readonly med: number | null;
  readonly asPathPrepend: number;
  /** Null for the node's own address. */
  readonly nextHop: Ipv4Address | null;
  readonly nextHopV6: Ipv6Address | null;
  readonly extendedCommunities: readonly ExtendedCommunityValue[];
  /** Megabits a second; null where routes carry no bandwidth. */
  readonly linkBandwidthPerEndpoint: number | null;
  /** The milliseconds for which routes are marked by GRACEFUL_SHUTDOWN before they are withdrawn; null where they are not. */
  readonly gracefulShutdownTime: number | null;
  /** Null where no annotation has an effect. */
  readonly serviceOverrides: ServiceOverrides | null;
}

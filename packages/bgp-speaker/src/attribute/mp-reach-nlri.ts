import type { IpAddress, Ipv6Address } from "@herald-lb/sansio";
import type { Family } from "../family.ts";
import type { Nlri } from "../nlri.ts";
import type { AttributeBase } from "./attribute-codec.ts";

/** MP_REACH_NLRI, RFC 4760 §3, of IPv4 or IPv6 unicast. */
export interface MpReachNlri extends AttributeBase {
  readonly type: "MP_REACH_NLRI";
  readonly family: Family;
  /** IPv6 also for IPv4 NLRI where RFC 8950 §3 was negotiated. */
  readonly nextHop: IpAddress;
  /** RFC 2545 §3: the second half of a next hop of 32 octets. */
  readonly linkLocalNextHop?: Ipv6Address;
  readonly nlri: readonly Nlri[];
}

/** MP_REACH_NLRI of any family that the context does not have, or that is not unicast: tell it by `"opaque" in attribute`. */
export interface MpReachOpaque extends AttributeBase {
  readonly type: "MP_REACH_NLRI";
  readonly family: Family;
  /** Everything behind the SAFI; from a decoder a view of the frame. */
  readonly opaque: Uint8Array;
}

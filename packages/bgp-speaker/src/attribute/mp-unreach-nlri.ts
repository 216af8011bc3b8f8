import type { Family } from "../family.ts";
import type { Nlri } from "../nlri.ts";
import type { AttributeBase } from "./attribute-codec.ts";

/** MP_UNREACH_NLRI, RFC 4760 §4, of IPv4 or IPv6 unicast. */
export interface MpUnreachNlri extends AttributeBase {
  readonly type: "MP_UNREACH_NLRI";
  readonly family: Family;
  readonly withdrawnRoutes: readonly Nlri[];
}

/** MP_UNREACH_NLRI of any family that the context does not have, or that is not unicast: tell it by `"opaque" in attribute`. */
export interface MpUnreachOpaque extends AttributeBase {
  readonly type: "MP_UNREACH_NLRI";
  readonly family: Family;
  /** Everything behind the SAFI; from a decoder a view of the frame. */
  readonly opaque: Uint8Array;
}

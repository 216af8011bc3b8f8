import type { PathAttribute } from "../attribute/table.ts";
import type { Nlri } from "../nlri.ts";

/** RFC 4271 §4.3: routes withdrawn, and routes announced with the attributes they share. */
export interface UpdateMessage {
  readonly type: "UPDATE";
  /** IPv4 unicast only; other families are in MP_UNREACH_NLRI. */
  readonly withdrawnRoutes: readonly Nlri[];
  /** In the order of the wire, which the encoder keeps. */
  readonly pathAttributes: readonly PathAttribute[];
  /** IPv4 unicast only; other families are in MP_REACH_NLRI. */
  readonly nlri: readonly Nlri[];
}

import type { Family } from "../family.ts";

/** RFC 2918 §3 and RFC 7313 §3.2: asks for the routes of a family again, or marks where their resending begins and ends. */
export interface RouteRefreshMessage {
  readonly type: "ROUTE-REFRESH";
  readonly family: Family;
  /** 0 request, 1 Beginning of Route Refresh, 2 End of Route Refresh; others are carried. */
  readonly subtype: number;
  /** RFC 5291 §4: Outbound Route Filtering entries, not read. A view of the frame that was decoded. */
  readonly outboundRouteFilter?: Uint8Array;
}

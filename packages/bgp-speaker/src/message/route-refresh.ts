import { err, ok, type Result } from "@herald-lb/sansio";
import type { Family } from "../family.ts";
import { type SessionReset, sessionReset } from "../session-reset.ts";
import { putOctets, putU16, u16At } from "../octet-fields.ts";
import { HEADER_LENGTH } from "./header.ts";

/** RFC 2918 §3 and RFC 7313 §3.2: asks for the routes of a family again, or marks where their resending begins and ends. */
export interface RouteRefreshMessage {
  readonly type: "ROUTE-REFRESH";
  readonly family: Family;
  /** 0 request, 1 Beginning of Route Refresh, 2 End of Route Refresh; others are carried. */
  readonly subtype: number;
  /** RFC 5291 §4: Outbound Route Filtering entries, not read; absent when there are none. From a decoder a view of the frame. */
  readonly outboundRouteFilter?: Uint8Array;
}

/** Reads the body of a ROUTE-REFRESH. */
export function decodeRouteRefresh(frame: Uint8Array): Result<RouteRefreshMessage, SessionReset> {
  const body = HEADER_LENGTH;
  const subtype = frame[body + 2] as number;
  const family = { afi: u16At(frame, body), safi: frame[body + 3] as number };
  if (frame.length === body + 4) return ok({ type: "ROUTE-REFRESH", family, subtype });
  // RFC 7313 §5: the marks have four octets and nothing else.
  if (subtype === 1 || subtype === 2) return err(sessionReset("InvalidRouteRefreshLength", frame));
  return ok({ type: "ROUTE-REFRESH", family, subtype, outboundRouteFilter: frame.subarray(body + 4) });
}

/** Writes the body of a ROUTE-REFRESH at `at`, returns the position behind it. */
export function encodeRouteRefresh(message: RouteRefreshMessage, out: Uint8Array, at: number): number {
  at = putU16(out, at, message.family.afi);
  out[at++] = message.subtype;
  out[at++] = message.family.safi;
  return message.outboundRouteFilter === undefined ? at : putOctets(out, at, message.outboundRouteFilter);
}

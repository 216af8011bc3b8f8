import type { Ipv4Address } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** NEXT_HOP, RFC 4271 §5.1.3: of the NLRI in the body of the UPDATE. */
export interface NextHop extends AttributeBase {
  readonly type: "NEXT_HOP";
  readonly address: Ipv4Address;
}

/** RFC 4271 §4.3 c). */
export const nextHop: AttributeCodec<NextHop> = {
  code: 3,
  category: Category.WellKnown,
  onMalformed: "treat-as-withdraw", // RFC 7606 §7.3
  malformed: "InvalidNextHopAttribute",
  decode: (octets, start, end) => {
    if (end - start !== 4 || !isHost(octets[start] as number)) return null;
    return { type: "NEXT_HOP", address: ipv4At(octets, start) };
  },
  encode: ({ address }, out, at) => putIpv4(out, at, address),
};

/** RFC 4271 §6.3: syntactically a "valid IP host address": not in 0/8 or 127/8, no multicast and nothing above it. */
function isHost(first: number): boolean {
  return first !== 0 && first !== 127 && first < 224;
}

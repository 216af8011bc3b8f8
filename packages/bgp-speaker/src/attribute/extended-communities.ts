import type { AttributeBase } from "./attribute-codec.ts";

/** One extended community, RFC 4360 §2. */
export interface ExtendedCommunity {
  /** The high octet of the Type field; its 0x40 bit says non-transitive. */
  readonly type: number;
  /** The low octet of the Type field: the Sub-Type. */
  readonly subtype: number;
  /** Six octets; from a decoder a view of the frame. */
  readonly value: Uint8Array;
}

/** EXTENDED_COMMUNITIES, RFC 4360 §2. */
export interface ExtendedCommunities extends AttributeBase {
  readonly type: "EXTENDED_COMMUNITIES";
  readonly communities: readonly ExtendedCommunity[];
}

import { putOctets, putU16, putU64, u16At, u64At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** AIGP, RFC 7311 §3: the accumulated IGP metric, and TLVs of other types, which are carried. */
export interface Aigp extends AttributeBase {
  readonly type: "AIGP";
  /** In the order of the wire. */
  readonly tlvs: readonly AigpTlv[];
}

/** One TLV of AIGP. A metric is an unsigned integer of 64 bits. */
export type AigpTlv =
  | { readonly type: "AIGP"; readonly metric: bigint }
  /** From a decoder `value` is a view of the frame; `code` is not 1. */
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** The type of the TLV with the metric, and its length with type and length: RFC 7311 §3. */
const METRIC = { code: 1, length: 11 } as const;

/** Octets of a TLV in front of its value. */
const TLV_HEADER = 3;

/** RFC 7311 §3. */
export const aigp: AttributeCodec<Aigp> = {
  code: 26,
  category: Category.OptionalNonTransitive,
  onMalformed: "attribute-discard", // RFC 7311 §3
  onWrongFlags: "attribute-discard", // RFC 7311 §3: also where it is transitive
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    const tlvs: AigpTlv[] = [];
    let at = start;
    while (at < end) {
      if (at + TLV_HEADER > end) return null;
      const code = octets[at] as number;
      const length = u16At(octets, at + 1);
      const next = at + length;
      if (length < TLV_HEADER || next > end) return null;
      if (code === METRIC.code) {
        if (length !== METRIC.length) return null;
        tlvs.push({ type: "AIGP", metric: u64At(octets, at + TLV_HEADER) });
      } else tlvs.push({ type: "Unknown", code, value: octets.subarray(at + TLV_HEADER, next) });
      at = next;
    }
    return tlvs.length === 0 ? null : { type: "AIGP", tlvs };
  },
  encode: ({ tlvs }, out, at) => {
    for (const tlv of tlvs) {
      out[at] = tlv.type === "AIGP" ? METRIC.code : tlv.code;
      const end =
        tlv.type === "AIGP" ? putU64(out, at + TLV_HEADER, tlv.metric) : putOctets(out, at + TLV_HEADER, tlv.value);
      putU16(out, at + 1, end - at);
      at = end;
    }
    return at;
  },
};

/** The metric of an AIGP attribute: that of its first TLV of type 1 (RFC 7311 §3), or null where it has none. */
export function aigpMetric({ tlvs }: Aigp): bigint | null {
  for (const tlv of tlvs) if (tlv.type === "AIGP") return tlv.metric;
  return null;
}

import { type ByteReader, type ByteWriter, type MacAddress, macFromOctets, macToOctets } from "@herald-lb/sansio";

/** An option of a Neighbor Discovery message; those without a meaning here are carried. RFC 4861 §4.6. */
export type NdpOption =
  /** RFC 4861 §4.6.1, for Ethernet. */
  | { readonly type: "SourceLinkLayerAddress" | "TargetLinkLayerAddress"; readonly address: MacAddress }
  /** RFC 3971 §5.3.2, by which a node knows a solicitation of its own that comes back (RFC 7527 §4). At least 6 octets, and with type and length a multiple of 8. */
  | { readonly type: "Nonce"; readonly value: Uint8Array }
  /** `value` follows type and length; with both its length is a multiple of 8. */
  | { readonly type: "Other"; readonly code: number; readonly value: Uint8Array };

const SOURCE_LINK_LAYER_ADDRESS = 1;
const TARGET_LINK_LAYER_ADDRESS = 2;
const NONCE = 14;

/** Reads options to the end; null for one of length zero. Throws `ShortRead` on truncation. RFC 4861 §4.6. */
export function readOptions(reader: ByteReader): readonly NdpOption[] | null {
  const options: NdpOption[] = [];
  while (reader.remaining > 0) {
    const code = reader.u8();
    const length = reader.u8();
    if (length === 0) return null;
    const value = reader.octets(length * 8 - 2);
    if (length === 1 && code === SOURCE_LINK_LAYER_ADDRESS) {
      options.push({ type: "SourceLinkLayerAddress", address: macFromOctets(value) });
    } else if (length === 1 && code === TARGET_LINK_LAYER_ADDRESS) {
      options.push({ type: "TargetLinkLayerAddress", address: macFromOctets(value) });
    } else if (code === NONCE) options.push({ type: "Nonce", value });
    else options.push({ type: "Other", code, value });
  }
  return options;
}

/** Writes an option. A value of a length that no option has is a bug of the caller and throws. RFC 4861 §4.6. */
export function writeOption(writer: ByteWriter, option: NdpOption): void {
  if (option.type !== "Other" && option.type !== "Nonce") {
    writer.u8(option.type === "SourceLinkLayerAddress" ? SOURCE_LINK_LAYER_ADDRESS : TARGET_LINK_LAYER_ADDRESS);
    writer.u8(1);
    writer.octets(macToOctets(option.address));
    return;
  }
  const length = (option.value.length + 2) / 8;
  if (!Number.isInteger(length))
    throw new Error(`option value of ${option.value.length} octets fills no 8-octet units`);
  writer.u8(option.type === "Nonce" ? NONCE : option.code);
  writer.u8(length);
  writer.octets(option.value);
}

import type { ByteReader, ByteWriter } from "@herald-lb/sansio";

/** An Information TLV of RFC 7854 §4.4, or a TLV of a Termination (§4.5); from a decoder `value` is a view of the message. */
export interface InformationTlv {
  /** See `InformationType` and `TerminationType`. */
  readonly code: number;
  readonly value: Uint8Array;
}

/** Information TLV types of RFC 7854 §4.4. All of them are text in UTF-8. */
export const InformationType: { readonly String: 0; readonly SysDescr: 1; readonly SysName: 2 } = {
  String: 0,
  SysDescr: 1,
  SysName: 2,
};

/** TLV types of a Termination, RFC 7854 §4.5. A reason has two octets. */
export const TerminationType: { readonly String: 0; readonly Reason: 1 } = { String: 0, Reason: 1 };

/** Reasons of a Termination, RFC 7854 §4.5. */
export const TerminationReason: {
  readonly AdministrativelyClosed: 0;
  readonly Unspecified: 1;
  readonly OutOfResources: 2;
  readonly RedundantConnection: 3;
  readonly PermanentlyAdministrativelyClosed: 4;
} = {
  AdministrativelyClosed: 0,
  Unspecified: 1,
  OutOfResources: 2,
  RedundantConnection: 3,
  PermanentlyAdministrativelyClosed: 4,
};

const encoder = new TextEncoder();

/** An Information TLV with a text. */
export function informationText(code: number, text: string): InformationTlv {
  return { code, value: encoder.encode(text) };
}

/** The TLV of a Termination that tells its reason. */
export function terminationReason(reason: number): InformationTlv {
  return { code: TerminationType.Reason, value: Uint8Array.of(reason >>> 8, reason & 0xff) };
}

/** Reads TLVs up to the end. */
export function readTlvs(reader: ByteReader): readonly InformationTlv[] {
  const tlvs: InformationTlv[] = [];
  while (reader.remaining > 0) {
    const code = reader.u16();
    tlvs.push({ code, value: reader.octets(reader.u16()) });
  }
  return tlvs;
}

/** Writes TLVs. */
export function writeTlvs(writer: ByteWriter, tlvs: readonly InformationTlv[]): void {
  for (const { code, value } of tlvs) {
    writer.u16(code);
    writer.u16(value.length);
    writer.octets(value);
  }
}

import { ByteWriter } from "@herald-lb/sansio";
import { MessageType } from "./message.ts";

/** Octets with their label taken off. */
export interface Labelled {
  /** Empty where there was no header. */
  readonly label: Uint8Array;
  readonly rest: Uint8Array;
}

/** Puts octets behind a label's header; none for an empty label. A label has up to 255 octets. */
export function encodeLabel(label: Uint8Array, rest: Uint8Array): Uint8Array {
  if (label.length === 0) return rest;
  const writer = new ByteWriter(rest.length + label.length + 2);
  writer.u8(MessageType.hasLabel);
  writer.u8(label.length);
  writer.octets(label);
  writer.octets(rest);
  return writer.finish();
}

/** Takes a label's header off; "short" while it is not whole, null where it is an empty label's, which there must not be. */
export function decodeLabel(octets: Uint8Array): Labelled | "short" | null {
  if (octets[0] !== MessageType.hasLabel) return { label: new Uint8Array(), rest: octets };
  const length = octets[1];
  if (length === undefined) return "short";
  if (length === 0) return null;
  if (octets.length < 2 + length) return "short";
  return { label: octets.subarray(2, 2 + length), rest: octets.subarray(2 + length) };
}

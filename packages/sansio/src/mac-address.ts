import { err, ok, type Result } from "./result.ts";

declare const mac: unique symbol;

/** A 48-bit hardware address in canonical text: six lower-case pairs of digits with colons, `02:00:5e:00:53:01`. */
export type MacAddress = string & { readonly [mac]: never };

/** The Ethernet broadcast address. */
export const BROADCAST_MAC: MacAddress = "ff:ff:ff:ff:ff:ff" as MacAddress;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));
const TEXT = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4})$/i;

/** Reads six pairs of hexadecimal digits joined by colons or by hyphens. */
export function parseMacAddress(
  text: string,
): Result<MacAddress, { readonly code: "NotAMacAddress"; readonly text: string }> {
  if (!TEXT.test(text)) return err({ code: "NotAMacAddress", text });
  return ok(text.toLowerCase().replaceAll("-", ":") as MacAddress);
}

/** The six octets of an address. */
export function macToOctets(address: MacAddress): Uint8Array {
  const octets = new Uint8Array(6);
  for (let i = 0; i < 6; i++) octets[i] = Number.parseInt(address.slice(i * 3, i * 3 + 2), 16);
  return octets;
}

/** The address in six octets from `offset`; the caller has checked that they are there. */
export function macFromOctets(octets: Uint8Array, offset = 0): MacAddress {
  let text = HEX[octets[offset] as number] as string;
  for (let i = 1; i < 6; i++) text += `:${HEX[octets[offset + i] as number] as string}`;
  return text as MacAddress;
}

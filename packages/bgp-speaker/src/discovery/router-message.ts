import {
  ByteReader,
  ByteWriter,
  err,
  type MacAddress,
  macToOctets,
  ok,
  type Result,
  ShortRead,
} from "@herald-lb/sansio";

/** A Router Advertisement, as far as it tells that a router is there. RFC 4861 §4.2. */
export interface RouterAdvertisement {
  /** Seconds; 0 for a router that is nobody's default router. */
  readonly routerLifetime: number;
}

/** Why octets are no Router Advertisement. RFC 4861 §6.1.2. */
export type RouterAdvertisementError =
  | { readonly code: "MessageType"; readonly messageType: number | null }
  | { readonly code: "ShortMessage"; readonly length: number }
  | { readonly code: "BadCode"; readonly value: number }
  | { readonly code: "BadOption" };

const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const SOURCE_LINK_LAYER_ADDRESS = 1;

/** Reads an ICMPv6 message whose checksum and hop limit of 255 the kernel has checked. */
export function decodeRouterAdvertisement(octets: Uint8Array): Result<RouterAdvertisement, RouterAdvertisementError> {
  const messageType = octets[0] ?? null;
  if (messageType !== ROUTER_ADVERTISEMENT) return err({ code: "MessageType", messageType });
  try {
    return readAdvertisement(new ByteReader(octets));
  } catch (error) {
    if (error instanceof ShortRead) return err({ code: "ShortMessage", length: octets.length });
    throw error;
  }
}

function readAdvertisement(reader: ByteReader): Result<RouterAdvertisement, RouterAdvertisementError> {
  reader.skip(1);
  const value = reader.u8();
  if (value !== 0) return err({ code: "BadCode", value });
  // Checksum, Cur Hop Limit and flags.
  reader.skip(4);
  const routerLifetime = reader.u16();
  // Reachable Time and Retrans Timer.
  reader.skip(8);
  while (reader.remaining > 0) {
    reader.skip(1);
    const length = reader.u8();
    if (length === 0) return err({ code: "BadOption" });
    reader.skip(length * 8 - 2);
  }
  return ok({ routerLifetime });
}

/**
 * A Router Advertisement by which a router finds this node, RFC 4861 §4.2: with Router Lifetime 0 nobody takes the node for a default
 * router. The kernel fills in the checksum.
 */
export function encodeRouterAdvertisement(hardwareAddress: MacAddress | null): Uint8Array {
  const writer = begin(ROUTER_ADVERTISEMENT);
  writer.octets(new Uint8Array(12));
  return withLinkLayerAddress(writer, hardwareAddress);
}

/** A Router Solicitation, RFC 4861 §4.1. The kernel fills in the checksum. */
export function encodeRouterSolicitation(hardwareAddress: MacAddress | null): Uint8Array {
  const writer = begin(ROUTER_SOLICITATION);
  writer.octets(new Uint8Array(4));
  return withLinkLayerAddress(writer, hardwareAddress);
}

function begin(type: number): ByteWriter {
  const writer = new ByteWriter();
  writer.u8(type);
  writer.u8(0);
  writer.u16(0);
  return writer;
}

function withLinkLayerAddress(writer: ByteWriter, hardwareAddress: MacAddress | null): Uint8Array {
  if (hardwareAddress === null) return writer.finish();
  writer.u8(SOURCE_LINK_LAYER_ADDRESS);
  writer.u8(1);
  writer.octets(macToOctets(hardwareAddress));
  return writer.finish();
}

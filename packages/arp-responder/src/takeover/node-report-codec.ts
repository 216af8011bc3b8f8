import {
  ByteReader,
  ByteWriter,
  ipAddressFromOctets,
  type IpPrefix,
  isIpv6,
  macFromOctets,
  macToOctets,
  octetsOf,
  prefixAddress,
  prefixLength,
  prefixOf,
  ShortRead,
} from "@herald-lb/sansio";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { InterfaceSubnets } from "../interface-selection.ts";
import { REPORT_DIGEST_LENGTH, type NodeReport, type SegmentReport } from "./node-report.ts";

/** The version of a report without a word about the segment, which every speaker reads. */
const VERSION = 1;
/** The version of one with it. */
const VERSION_WITH_SEGMENT = 2;
/** The version of one with subnets. A report of any other version is none. */
const VERSION_WITH_SUBNETS = 3;
/** Each list has its number of entries in two octets, and a report has room for the digests behind the links. */
const MAX_LINKS = 64;
/** A report of this many services and tentative addresses has 56,000 octets, which the membership takes. */
const MAX_DIGESTS = 7_000;

/**
 * The octets of a report: a version, then the names of the interfaces, the prefixes and the digests of services, in version 2 the hardware addresses and the digests of
 * tentative addresses as well, each list behind its length. In version 3 an octet, 1 or 0, says whether those two lists follow, and behind them are the interfaces with their subnets. What is beyond 64 interfaces, prefixes or hardware addresses, or 7,000 digests, is
 * left out.
 */
export function encodeNodeReport({ lostLinks, owned, segment, subnets }: NodeReport): Uint8Array {
  const writer = new ByteWriter(64 + owned.size * REPORT_DIGEST_LENGTH);
  const version = segment === undefined ? VERSION : VERSION_WITH_SEGMENT;
  writer.u8(subnets === undefined ? version : VERSION_WITH_SUBNETS);
  const names = lostLinks.interfaces.slice(0, MAX_LINKS);
  writer.u16(names.length);
  for (const name of names) writeName(writer, name);
  writePrefixes(writer, lostLinks.prefixes);
  const digests = [...owned].slice(0, MAX_DIGESTS);
  writeDigests(writer, digests);
  if (subnets !== undefined) writer.u8(segment === undefined ? 0 : 1);
  if (segment !== undefined) {
    const hardwareAddresses = segment.hardwareAddresses.slice(0, MAX_LINKS);
    writer.u16(hardwareAddresses.length);
    for (const address of hardwareAddresses) writer.octets(macToOctets(address));
    writeDigests(writer, [...segment.tentative].slice(0, MAX_DIGESTS - digests.length));
  }
  if (subnets !== undefined) {
    const some = subnets.slice(0, MAX_LINKS);
    writer.u16(some.length);
    for (const { interface: name, prefixes } of some) {
      writeName(writer, name);
      writePrefixes(writer, prefixes);
    }
  }
  return writer.finish();
}

function writeName(writer: ByteWriter, text: string): void {
  const name = new TextEncoder().encode(text).subarray(0, 255);
  writer.u8(name.length);
  writer.octets(name);
}

function writePrefixes(writer: ByteWriter, all: readonly IpPrefix[]): void {
  const prefixes = all.slice(0, MAX_LINKS);
  writer.u16(prefixes.length);
  for (const prefix of prefixes) {
    const address = prefixAddress(prefix);
    writer.u8(isIpv6(address) ? 6 : 4);
    writer.u8(prefixLength(prefix));
    writer.octets(octetsOf(address));
  }
}

function writeDigests(writer: ByteWriter, digests: readonly string[]): void {
  writer.u16(digests.length);
  for (const digest of digests) writer.octets(hexToBytes(digest));
}

/** The report in these octets; null for octets that are none of this version. */
export function decodeNodeReport(octets: Uint8Array): NodeReport | null {
  const reader = new ByteReader(octets);
  try {
    const version = reader.u8();
    if (version < VERSION || version > VERSION_WITH_SUBNETS) return null;
    const lostLinks = { interfaces: listOf(reader, () => nameOf(reader)), prefixes: prefixesOf(reader) };
    const owned = digestsOf(reader);
    const hasSegment = version === VERSION_WITH_SUBNETS ? reader.u8() : version - VERSION;
    if (hasSegment > 1) return null;
    const segment = hasSegment === 1 ? { segment: segmentOf(reader) } : {};
    const subnets = version === VERSION_WITH_SUBNETS ? { subnets: subnetsOf(reader) } : {};
    return reader.remaining > 0 ? null : { lostLinks, owned, ...segment, ...subnets };
  } catch (error) {
    if (error instanceof ShortRead || error instanceof BadPrefix) return null;
    throw error;
  }
}

function subnetsOf(reader: ByteReader): readonly InterfaceSubnets[] {
  return listOf(reader, () => ({ interface: nameOf(reader), prefixes: prefixesOf(reader) }));
}

function nameOf(reader: ByteReader): string {
  return new TextDecoder().decode(reader.octets(reader.u8()));
}

function prefixesOf(reader: ByteReader): readonly IpPrefix[] {
  return listOf(reader, () => {
    const [family, bits] = [reader.u8(), reader.u8()];
    const length = family === 6 ? 16 : 4;
    if ((family !== 4 && family !== 6) || bits > length * 8) throw new BadPrefix();
    return prefixOf(ipAddressFromOctets(reader.octets(length)), bits);
  });
}

/** A prefix of no family, or too long; it is caught where the report is decoded. */
class BadPrefix extends Error {}

function segmentOf(reader: ByteReader): SegmentReport {
  const hardwareAddresses = listOf(reader, () => macFromOctets(reader.octets(6)));
  return { hardwareAddresses, tentative: digestsOf(reader) };
}

function digestsOf(reader: ByteReader): ReadonlySet<string> {
  return new Set(listOf(reader, () => bytesToHex(reader.octets(REPORT_DIGEST_LENGTH))));
}

function listOf<Entry>(reader: ByteReader, read: () => Entry): readonly Entry[] {
  return Array.from({ length: reader.u16() }, read);
}

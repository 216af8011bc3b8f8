import {
  ByteReader,
  ByteWriter,
  ipAddressFromOctets,
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
import { REPORT_DIGEST_LENGTH, type NodeReport, type SegmentReport } from "./node-report.ts";

/** The version of a report without a word about the segment, which every speaker reads. */
const VERSION = 1;
/** The version of one with it. A report of any other version is none. */
const VERSION_WITH_SEGMENT = 2;
/** Each list has its number of entries in two octets, and a report has room for the digests behind the links. */
const MAX_LINKS = 64;
/** A report of this many services and tentative addresses has 56,000 octets, which the membership takes. */
const MAX_DIGESTS = 7_000;

/**
 * The octets of a report: a version, then the names of the interfaces, the prefixes and the digests of services, in version 2 the hardware addresses and the digests of
 * tentative addresses as well, each list behind its length. What is beyond 64 interfaces, prefixes or hardware addresses, or 7,000 digests, is
 * left out.
 */
export function encodeNodeReport({ lostLinks, owned, segment }: NodeReport): Uint8Array {
  const writer = new ByteWriter(64 + owned.size * REPORT_DIGEST_LENGTH);
  writer.u8(segment === undefined ? VERSION : VERSION_WITH_SEGMENT);
  const names = lostLinks.interfaces.slice(0, MAX_LINKS).map((name) => new TextEncoder().encode(name).subarray(0, 255));
  writer.u16(names.length);
  for (const name of names) {
    writer.u8(name.length);
    writer.octets(name);
  }
  const prefixes = lostLinks.prefixes.slice(0, MAX_LINKS);
  writer.u16(prefixes.length);
  for (const prefix of prefixes) {
    const address = prefixAddress(prefix);
    writer.u8(isIpv6(address) ? 6 : 4);
    writer.u8(prefixLength(prefix));
    writer.octets(octetsOf(address));
  }
  const digests = [...owned].slice(0, MAX_DIGESTS);
  writeDigests(writer, digests);
  if (segment !== undefined) {
    const hardwareAddresses = segment.hardwareAddresses.slice(0, MAX_LINKS);
    writer.u16(hardwareAddresses.length);
    for (const address of hardwareAddresses) writer.octets(macToOctets(address));
    writeDigests(writer, [...segment.tentative].slice(0, MAX_DIGESTS - digests.length));
  }
  return writer.finish();
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
    if (version !== VERSION && version !== VERSION_WITH_SEGMENT) return null;
    const interfaces = listOf(reader, () => new TextDecoder().decode(reader.octets(reader.u8())));
    const prefixes = listOf(reader, () => {
      const [family, bits] = [reader.u8(), reader.u8()];
      const length = family === 6 ? 16 : 4;
      const address = ipAddressFromOctets(reader.octets(length));
      return (family === 4 || family === 6) && bits <= length * 8 ? prefixOf(address, bits) : null;
    });
    const owned = digestsOf(reader);
    const segment = version === VERSION ? null : segmentOf(reader);
    const sound = prefixes.filter((prefix) => prefix !== null);
    if (sound.length < prefixes.length || reader.remaining > 0) return null;
    const report = { lostLinks: { interfaces, prefixes: sound }, owned };
    return segment === null ? report : { ...report, segment };
  } catch (error) {
    if (error instanceof ShortRead) return null;
    throw error;
  }
}

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

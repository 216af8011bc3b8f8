import {
  ByteReader,
  ByteWriter,
  ipAddressFromOctets,
  isIpv6,
  octetsOf,
  prefixAddress,
  prefixLength,
  prefixOf,
  ShortRead,
} from "@herald-lb/sansio";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { SERVICE_DIGEST_LENGTH, type NodeReport } from "./node-report.ts";

/** The version of the format. A report of another version is none. */
const VERSION = 1;
/** Each list has its number of entries in two octets, and a report has room for the digests behind the links. */
const MAX_LINKS = 64;
/** A report of this many services has 56,000 octets, which the membership takes. */
const MAX_DIGESTS = 7_000;

/**
 * The octets of a report: a version, then the names of the interfaces, the prefixes and the digests, each list behind its length. What is beyond 64
 * interfaces or prefixes, or 7,000 services, is left out.
 */
export function encodeNodeReport({ lostLinks, owned }: NodeReport): Uint8Array {
  const writer = new ByteWriter(64 + owned.size * SERVICE_DIGEST_LENGTH);
  writer.u8(VERSION);
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
  writer.u16(digests.length);
  for (const digest of digests) writer.octets(hexToBytes(digest));
  return writer.finish();
}

/** The report in these octets; null for octets that are none of this version. */
export function decodeNodeReport(octets: Uint8Array): NodeReport | null {
  const reader = new ByteReader(octets);
  try {
    if (reader.u8() !== VERSION) return null;
    const interfaces = listOf(reader, () => new TextDecoder().decode(reader.octets(reader.u8())));
    const prefixes = listOf(reader, () => {
      const [family, bits] = [reader.u8(), reader.u8()];
      const length = family === 6 ? 16 : 4;
      const address = ipAddressFromOctets(reader.octets(length));
      return (family === 4 || family === 6) && bits <= length * 8 ? prefixOf(address, bits) : null;
    });
    const digests = listOf(reader, () => bytesToHex(reader.octets(SERVICE_DIGEST_LENGTH)));
    const sound = prefixes.filter((prefix) => prefix !== null);
    if (sound.length < prefixes.length || reader.remaining > 0) return null;
    return { lostLinks: { interfaces, prefixes: sound }, owned: new Set(digests) };
  } catch (error) {
    if (error instanceof ShortRead) return null;
    throw error;
  }
}

function listOf<Entry>(reader: ByteReader, read: () => Entry): readonly Entry[] {
  return Array.from({ length: reader.u16() }, read);
}

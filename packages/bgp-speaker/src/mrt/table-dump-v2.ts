import {
  type ByteReader,
  type IpAddress,
  ipAddressFromOctets,
  type IpPrefix,
  type Ipv4Address,
  ipv4FromNumber,
} from "@herald-lb/sansio";
import { INITIAL_CONTEXT } from "../codec-context.ts";
import { type Family, IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { decodeNlri } from "../nlri.ts";
import { malformed } from "../record-error.ts";

/** PEER_INDEX_TABLE, RFC 6396 §4.3.1: the first record of a table, whose peers the others name by their place in it. */
export interface PeerIndexTable {
  readonly type: "PEER_INDEX_TABLE";
  readonly collector: Ipv4Address;
  readonly viewName: string;
  readonly peers: readonly IndexedPeer[];
}

/** One peer of a PEER_INDEX_TABLE. */
export interface IndexedPeer {
  readonly bgpIdentifier: Ipv4Address;
  readonly address: IpAddress;
  readonly autonomousSystem: number;
}

/** All routes to one prefix: RIB_IPV4_UNICAST and RIB_IPV6_UNICAST of RFC 6396 §4.3.2, also with ADD-PATH (RFC 8050 §4). */
export interface RibRecord {
  readonly type: "RIB";
  readonly sequence: number;
  readonly family: Family;
  readonly prefix: IpPrefix;
  readonly entries: readonly RibEntry[];
}

/** One route, RFC 6396 §4.3.4. */
export interface RibEntry {
  /** Its place in the PEER_INDEX_TABLE. */
  readonly peerIndex: number;
  /** Seconds since 1970. */
  readonly originatedTime: number;
  /** With ADD-PATH only. */
  readonly pathId?: number;
  /** Path attributes for `ribEntryAttributes`; a view of the record. */
  readonly attributes: Uint8Array;
}

/** By number: RFC 6396 §4.3 and RFC 8050 §4. */
const ribs: ReadonlyMap<number, { readonly family: Family; readonly addPath: boolean }> = new Map([
  [2, { family: IPV4_UNICAST, addPath: false }],
  [4, { family: IPV6_UNICAST, addPath: false }],
  [8, { family: IPV4_UNICAST, addPath: true }],
  [10, { family: IPV6_UNICAST, addPath: true }],
]);

const PEER_INDEX_TABLE = 1;
const text = new TextDecoder();

/** Reads a record of TABLE_DUMP_V2; null for a subtype that is not known. */
export function readTableDump(number: number, reader: ByteReader): PeerIndexTable | RibRecord | null {
  if (number === PEER_INDEX_TABLE) return readPeerIndexTable(reader);
  const rib = ribs.get(number);
  if (rib === undefined) return null;
  const { family, addPath } = rib;
  const sequence = reader.u32();
  const prefix = readPrefix(reader, family);
  const entries: RibEntry[] = [];
  for (let left = reader.u16(); left > 0; left--) entries.push(readEntry(reader, addPath));
  return { type: "RIB", sequence, family, prefix, entries };
}

function readPeerIndexTable(reader: ByteReader): PeerIndexTable {
  const collector = ipv4FromNumber(reader.u32());
  const viewName = text.decode(reader.octets(reader.u16()));
  const peers: IndexedPeer[] = [];
  for (let left = reader.u16(); left > 0; left--) {
    const type = reader.u8();
    const bgpIdentifier = ipv4FromNumber(reader.u32());
    const address = ipAddressFromOctets(reader.octets((type & 1) === 0 ? 4 : 16));
    peers.push({ bgpIdentifier, address, autonomousSystem: (type & 2) === 0 ? reader.u16() : reader.u32() });
  }
  return { type: "PEER_INDEX_TABLE", collector, viewName, peers };
}

function readPrefix(reader: ByteReader, family: Family): IpPrefix {
  const length = reader.u8();
  const octets = Uint8Array.of(length, ...reader.octets((length + 7) >>> 3));
  const nlri = decodeNlri(octets, 0, octets.length, family, INITIAL_CONTEXT);
  return nlri?.[0]?.prefix ?? malformed(reader, "Prefix");
}

function readEntry(reader: ByteReader, addPath: boolean): RibEntry {
  const peerIndex = reader.u16();
  const originatedTime = reader.u32();
  const pathId = addPath ? reader.u32() : null;
  const attributes = reader.octets(reader.u16());
  return { peerIndex, originatedTime, ...(pathId === null ? {} : { pathId }), attributes };
}

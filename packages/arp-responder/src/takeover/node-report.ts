import { deepEqual, type IpAddress, type IpPrefix, type MacAddress, prefixContains } from "@herald-lb/sansio";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { selectsOnly } from "../interface-selection.ts";
import type { AnnouncementCandidate } from "./announcement-request.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";

/** The links of a node that are down. */
export interface LostLinks {
  /** The names of the interfaces without a link. */
  readonly interfaces: readonly string[];
  /** The prefixes of those interfaces that no interface with a link has. */
  readonly prefixes: readonly IpPrefix[];
}

/** A node's word to the others about itself. */
export interface NodeReport {
  readonly lostLinks: LostLinks;
  /** The digests of the sticky services that it announces. */
  readonly owned: ReadonlySet<string>;
  /** Absent where no service is probed, given up or shared. */
  readonly segment?: SegmentReport;
  /** The subnets of its interfaces. Absent where they decide no election. */
  readonly subnets?: readonly InterfaceSubnets[];
}

/** A node's word about itself on the segment, by which the others tell it from a rival. */
export interface SegmentReport {
  /** The hardware addresses of the interfaces on which it announces. */
  readonly hardwareAddresses: readonly MacAddress[];
  /** The digests of addresses that it is to announce and does not: it probes them, or a rival has them. */
  readonly tentative: ReadonlySet<string>;
}

/** True where two reports of a node differ in nothing but the sticky services that it announces. */
export function isSameButOwned(a: NodeReport, b: NodeReport): boolean {
  return deepEqual(a.lostLinks, b.lostLinks) && deepEqual(a.subnets, b.subnets) && isSameSegment(a.segment, b.segment);
}

/** True where two sets have the same members. */
export function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

function isSameSegment(a: SegmentReport | undefined, b: SegmentReport | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return deepEqual(a.hardwareAddresses, b.hardwareAddresses) && isSameSet(a.tentative, b.tentative);
}

/** A node whose links are all there. */
export const noLostLinks: LostLinks = { interfaces: [], prefixes: [] };

/** The octets of a digest on the wire. */
export const REPORT_DIGEST_LENGTH = 8;

/** The name of a service in a report: the first 8 octets of the SHA-256 of its key, as hexadecimal digits. */
export function serviceDigestOf(key: string): string {
  return digestOf(key);
}

/** The name of an address in a report, made as that of a service. */
export function addressDigestOf(address: IpAddress): string {
  return digestOf(address);
}

function digestOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, REPORT_DIGEST_LENGTH));
}

/**
 * True where a candidate cannot serve the addresses because of its lost links: all the interfaces that it would answer on are without a link, or
 * those are that lead to one of the addresses.
 */
export function isCutOff(
  { interfaces }: AnnouncementCandidate,
  addresses: readonly IpAddress[],
  lost: LostLinks | undefined,
): boolean {
  if (lost === undefined || lost.interfaces.length === 0) return false;
  if (interfaces.length > 0 && selectsOnly(interfaces, lost.interfaces)) return true;
  return addresses.some((address) => lost.prefixes.some((prefix) => prefixContains(prefix, address)));
}

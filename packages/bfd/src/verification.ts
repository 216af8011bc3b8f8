import type { Instant } from "@herald-lb/sansio";
import type { DigestSection } from "./authentication-section.ts";
import type { BfdKey } from "./config.ts";
import type { ControlPacket } from "./control-packet.ts";
import { digestOf, sameOctets } from "./digest.ts";
import type { BfdIgnoreReason } from "./effect.ts";
import { detectionTime, type BfdSession } from "./session.ts";

/** Checks a packet's authentication, RFC 5880 §6.7, and takes its sequence number. Returns the reason why it is refused; null for a good one. */
export function verifyAuthentication(
  session: BfdSession,
  packet: ControlPacket,
  octets: Uint8Array,
  now: Instant,
): BfdIgnoreReason | null {
  const { authentication } = session.config;
  const section = packet.authentication;
  if (authentication === null) return section === null ? null : "AuthenticationUnexpected";
  if (section === null) return "AuthenticationMissing";
  if (section.type === "Unknown" || section.type !== authentication.type) return "WrongAuthenticationType";
  const key = authentication.keys.find(({ id }) => id === section.keyId);
  if (key === undefined) return "UnknownKey";
  if (section.type === "SimplePassword")
    return sameOctets(section.password, key.secret.subarray(0, 16)) ? null : "BadDigest";
  if (isSequenceKnown(session, now) && !isInWindow(session, section, packet.detectMult)) return "BadSequence";
  return verifyDigest(session, section, octets.subarray(0, octets[3]), key);
}

function verifyDigest(
  session: BfdSession,
  section: DigestSection,
  octets: Uint8Array,
  { secret }: BfdKey,
): BfdIgnoreReason | null {
  const { sequenceNumber, type, digest } = section;
  if (!sameOctets(digest, digestOf(type, octets, secret))) return "BadDigest";
  session.isSequenceKnown = true;
  session.receiveSequence = sequenceNumber;
  return null;
}

/** A sequence number is forgotten after twice the detection time without a packet, RFC 5880 §6.8.1: the peer may have started anew. */
function isSequenceKnown(session: BfdSession, now: Instant): boolean {
  if (!session.isSequenceKnown || session.receivedAt === null) return false;
  return now - session.receivedAt < 2 * detectionTime(session);
}

/** The window of RFC 5880 §6.7.3 and §6.7.4: up to three times the packet's Detect Mult ahead, around the end of 32 bits; the last number itself only where the type is not meticulous. */
function isInWindow(session: BfdSession, { sequenceNumber, type }: DigestSection, detectMult: number): boolean {
  const ahead = (sequenceNumber - session.receiveSequence) >>> 0;
  const isMeticulous = type === "MeticulousKeyedMd5" || type === "MeticulousKeyedSha1";
  return ahead <= 3 * detectMult && !(isMeticulous && ahead === 0);
}

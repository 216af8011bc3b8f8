import { err, ok, type Result } from "@herald-lb/sansio";
import type { Cipher } from "../cipher.ts";
import type { Keyring } from "../keyring.ts";
import { decodeCompound } from "./compound.ts";
import { decodeCompress, encodeCompress } from "./compress.ts";
import { decodeCrc, encodeCrc } from "./crc.ts";
import { type EncryptionVersion, encryptionOverhead, openPayload, sealPayload } from "./encryption.ts";
import { decodeLabel, encodeLabel } from "./label.ts";
import { decodeMessage, type Message, MessageType } from "./message.ts";
import type { WireError } from "./wire-error.ts";

/** The settings that all nodes of a cluster share. */
export interface WireConfig {
  readonly cipher: Cipher;
  readonly keyring: Keyring;
  readonly label: Uint8Array;
  readonly compression: boolean;
  readonly verifyIncoming: boolean;
  readonly verifyOutgoing: boolean;
  readonly encryptionVersion: EncryptionVersion;
}

/** The messages of a packet, and what was wrong with those that could not be read. */
export interface Packet {
  readonly messages: readonly Message[];
  readonly errors: readonly WireError[];
}

/** The most octets to which the compressed parts of one packet may expand together. */
const EXPANSION_LIMIT = 1 << 20;
/** The depth to which wrappers may nest; memberlist itself nests two deep. */
const DEPTH_LIMIT = 8;

/** The key that encrypts; null where the cluster sends plaintext. */
export function sealingKey(wire: WireConfig): Uint8Array | null {
  return wire.verifyOutgoing ? (wire.keyring[0] ?? null) : null;
}

/** By how many octets a packet grows behind its message, the checksum counted. */
export function packetOverhead(wire: WireConfig): number {
  const label = wire.label.length === 0 ? 0 : 2 + wire.label.length;
  return label + 5 + (sealingKey(wire) === null ? 0 : encryptionOverhead(wire.encryptionVersion));
}

/** Wraps a message (compound or plain, its type first) as a packet. `nonce` has 12 octets; it is used where the cluster has a key. */
export function encodePacket(wire: WireConfig, message: Uint8Array, withCrc: boolean, nonce: Uint8Array): Uint8Array {
  const compressed = wire.compression ? encodeCompress(message) : message;
  const smaller = compressed.length < message.length ? compressed : message;
  const checked = withCrc ? encodeCrc(smaller) : smaller;
  const key = sealingKey(wire);
  const payload =
    key === null ? checked : sealPayload(wire.cipher, wire.encryptionVersion, key, nonce, checked, wire.label);
  return encodeLabel(wire.label, payload);
}

/** Unwraps a packet: label, encryption, checksum, then compound and compressed messages in any order. */
export function decodePacket(wire: WireConfig, octets: Uint8Array): Result<Packet, WireError> {
  const labelled = decodeLabel(octets);
  if (labelled === null || labelled === "short" || !sameOctets(labelled.label, wire.label)) {
    return err({ code: "UnacceptableLabel" });
  }
  let payload = labelled.rest;
  if (wire.keyring.length > 0) {
    const opened = openPayload(wire.cipher, wire.keyring, payload, wire.label);
    if (opened.ok) payload = opened.value;
    else if (wire.verifyIncoming) return opened;
  }
  if (payload[0] === MessageType.hasCrc) {
    const checked = decodeCrc(payload);
    if (!checked.ok) return checked;
    payload = checked.value;
  }
  const messages: Message[] = [];
  const errors: WireError[] = [];
  unwrap(payload, { messages, errors, room: EXPANSION_LIMIT }, 0);
  return ok({ messages, errors });
}

interface Unwrapping {
  readonly messages: Message[];
  readonly errors: WireError[];
  room: number;
}

function unwrap(octets: Uint8Array, into: Unwrapping, depth: number): void {
  if (depth > DEPTH_LIMIT) {
    into.errors.push({ code: "TooLarge", limit: DEPTH_LIMIT });
    return;
  }
  switch (octets[0]) {
    case MessageType.compound: {
      const compound = decodeCompound(octets);
      if (!compound.ok) {
        into.errors.push(compound.error);
        return;
      }
      for (const part of compound.value.parts) unwrap(part, into, depth + 1);
      if (compound.value.truncated > 0) into.errors.push({ code: "Truncated", offset: octets.length, wanted: 1 });
      return;
    }
    case MessageType.compress: {
      const expanded = decodeCompress(octets, into.room);
      if (!expanded.ok) {
        into.errors.push(expanded.error);
        return;
      }
      into.room -= expanded.value.length;
      unwrap(expanded.value, into, depth + 1);
      return;
    }
    case MessageType.err:
      // Only streams carry it.
      into.errors.push({ code: "UnknownMessageType", messageType: MessageType.err });
      return;
    default: {
      const message = decodeMessage(octets);
      if (message.ok) into.messages.push(message.value);
      else into.errors.push(message.error);
    }
  }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

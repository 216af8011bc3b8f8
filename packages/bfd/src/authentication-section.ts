import type { ByteReader, ByteWriter } from "@herald-lb/sansio";

/** The authentication types of RFC 5880 §4.1, by name. */
export const AuthenticationType = {
  SimplePassword: 1,
  KeyedMd5: 2,
  MeticulousKeyedMd5: 3,
  KeyedSha1: 4,
  MeticulousKeyedSha1: 5,
} as const;

/** The types whose section has a sequence number and a digest, RFC 5880 §4.3 and §4.4. */
export type DigestType = "KeyedMd5" | "MeticulousKeyedMd5" | "KeyedSha1" | "MeticulousKeyedSha1";

/** A section with a digest. */
export interface DigestSection {
  readonly type: DigestType;
  readonly keyId: number;
  /** Zero on sending, ignored on receipt. */
  readonly reserved: number;
  readonly sequenceNumber: number;
  /** 16 octets of MD5, or 20 of SHA1. */
  readonly digest: Uint8Array;
}

/** The Authentication Section of a Control packet, RFC 5880 §4.2 to §4.4; one of another type is carried as it is. */
export type AuthenticationSection =
  | { readonly type: "SimplePassword"; readonly keyId: number; readonly password: Uint8Array }
  | DigestSection
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** The octets of a digest. */
export const DIGEST_LENGTH: Readonly<Record<DigestType, number>> = {
  KeyedMd5: 16,
  MeticulousKeyedMd5: 16,
  KeyedSha1: 20,
  MeticulousKeyedSha1: 20,
};
/** The octets of a section before its digest. */
const DIGEST_OFFSET = 8;
/** The octets of the longest password, RFC 5880 §4.2. */
const PASSWORD_MAX = 16;

const DIGEST_TYPES: ReadonlyMap<number, DigestType> = new Map(
  (["KeyedMd5", "MeticulousKeyedMd5", "KeyedSha1", "MeticulousKeyedSha1"] as const).map((type) => [
    AuthenticationType[type],
    type,
  ]),
);

/** Reads the section that the reader is at; null where its length does not fit its type. Throws `ShortRead` past the end. */
export function readAuthentication(reader: ByteReader): AuthenticationSection | null {
  const code = reader.u8();
  const length = reader.u8();
  // The packet must end with its section: octets between the two would be in no field.
  if (length < 2 || length - 2 !== reader.remaining) return null;
  const type = DIGEST_TYPES.get(code);
  if (type !== undefined) {
    if (length !== DIGEST_OFFSET + DIGEST_LENGTH[type]) return null;
    const [keyId, reserved, sequenceNumber] = [reader.u8(), reader.u8(), reader.u32()];
    return { type, keyId, reserved, sequenceNumber, digest: reader.octets(DIGEST_LENGTH[type]) };
  }
  if (code !== AuthenticationType.SimplePassword) return { type: "Unknown", code, value: reader.octets(length - 2) };
  if (length < 4 || length > 3 + PASSWORD_MAX) return null;
  return { type: "SimplePassword", keyId: reader.u8(), password: reader.octets(length - 3) };
}

/** Writes a section. */
export function writeAuthentication(writer: ByteWriter, section: AuthenticationSection): void {
  switch (section.type) {
    case "Unknown":
      writer.u8(section.code);
      writer.u8(2 + section.value.length);
      writer.octets(section.value);
      return;
    case "SimplePassword":
      writer.u8(AuthenticationType.SimplePassword);
      writer.u8(3 + section.password.length);
      writer.u8(section.keyId);
      writer.octets(section.password);
      return;
    default:
      writer.u8(AuthenticationType[section.type]);
      writer.u8(DIGEST_OFFSET + section.digest.length);
      writer.u8(section.keyId);
      writer.u8(section.reserved);
      writer.u32(section.sequenceNumber);
      writer.octets(section.digest);
  }
}

import { type Family, sameFamily } from "./family.ts";
import { CapabilityCode } from "./iana.ts";
import { putOctets, putU16, putU32, u16At, u32At } from "./octet-fields.ts";

/** One capability of RFC 5492 §4. One that is not known here is carried as octets. */
export type Capability =
  /** RFC 4760 §8. */
  | { readonly type: "Multiprotocol"; readonly family: Family }
  /** RFC 2918 §2. */
  | { readonly type: "RouteRefresh" }
  /** RFC 8950 §4: families whose next hop may be of another address family. */
  | { readonly type: "ExtendedNextHop"; readonly encodings: readonly NextHopEncoding[] }
  /** RFC 8654 §3. */
  | { readonly type: "ExtendedMessage" }
  /** RFC 9234 §4.1: 0 Provider, 1 RS, 2 RS-Client, 3 Customer, 4 Peer; others are carried. */
  | { readonly type: "Role"; readonly role: number }
  | GracefulRestart
  /** RFC 6793 §3. */
  | { readonly type: "FourOctetAs"; readonly autonomousSystem: number }
  /** RFC 7911 §4. */
  | { readonly type: "AddPath"; readonly families: readonly AddPathFamily[] }
  /** RFC 7313 §3.1. */
  | { readonly type: "EnhancedRouteRefresh" }
  /** RFC 9494 §3.1. */
  | { readonly type: "LongLivedGracefulRestart"; readonly families: readonly LongLivedFamily[] }
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** RFC 8950 §4: NLRI of `family` may have a next hop of the address family `nextHopAfi`. */
export interface NextHopEncoding {
  readonly family: Family;
  readonly nextHopAfi: number;
}

/** RFC 4724 §3, with the Notification bit of RFC 8538 §2. Reserved bits are written as 0. */
export interface GracefulRestart {
  readonly type: "GracefulRestart";
  /** The Restart State bit: the sender has restarted. */
  readonly restartState: boolean;
  /** RFC 8538 §2: graceful restart also after a NOTIFICATION. */
  readonly notification: boolean;
  /** Seconds, 0 to 4095. */
  readonly restartTime: number;
  readonly families: readonly { readonly family: Family; readonly forwardingState: boolean }[];
}

/** RFC 7911 §4: what the sender can do with several paths in `family`; 1 receive, 2 send, 3 both, others mean nothing. */
export interface AddPathFamily {
  readonly family: Family;
  readonly sendReceive: number;
}

/** RFC 9494 §3.1: how long stale routes of `family` are kept, in seconds, 0 to 16777215. */
export interface LongLivedFamily {
  readonly family: Family;
  readonly forwardingState: boolean;
  readonly staleTime: number;
}

/** Reads capabilities from `start` up to `end`, or null when one is malformed (RFC 5492 §4; the codes 1, 64, 65 and 69). */
export function decodeCapabilities(octets: Uint8Array, start: number, end: number): Capability[] | null {
  const capabilities: Capability[] = [];
  let at = start;
  while (at < end) {
    if (at + 2 > end) return null;
    const code = octets[at] as number;
    const value = at + 2;
    at = value + (octets[at + 1] as number);
    if (at > end) return null;
    const capability = decodeCapability(code, octets.subarray(value, at));
    if (capability === null) return null;
    capabilities.push(capability);
  }
  return capabilities;
}

function decodeCapability(code: number, value: Uint8Array): Capability | null {
  const { length } = value;
  const unknown: Capability = { type: "Unknown", code, value };
  switch (code) {
    case CapabilityCode.Multiprotocol:
      return length === 4
        ? { type: "Multiprotocol", family: { afi: u16At(value, 0), safi: value[3] as number } }
        : null;
    case CapabilityCode.RouteRefresh:
      return length === 0 ? { type: "RouteRefresh" } : unknown;
    case CapabilityCode.ExtendedNextHop:
      if (length % 6 !== 0) return unknown;
      return { type: "ExtendedNextHop", encodings: entries(value, 0, 6, (at) => nextHopEncodingAt(value, at)) };
    case CapabilityCode.ExtendedMessage:
      return length === 0 ? { type: "ExtendedMessage" } : unknown;
    case CapabilityCode.Role:
      return length === 1 ? { type: "Role", role: value[0] as number } : unknown;
    case CapabilityCode.GracefulRestart:
      return length >= 2 && length % 4 === 2 ? gracefulRestart(value) : null;
    case CapabilityCode.FourOctetAs:
      return length === 4 ? { type: "FourOctetAs", autonomousSystem: u32At(value, 0) } : null;
    case CapabilityCode.AddPath:
      if (length % 4 !== 0) return null;
      return {
        type: "AddPath",
        families: entries(value, 0, 4, (at) => ({ family: familyAt(value, at), sendReceive: value[at + 3] as number })),
      };
    case CapabilityCode.EnhancedRouteRefresh:
      return length === 0 ? { type: "EnhancedRouteRefresh" } : unknown;
    case CapabilityCode.LongLivedGracefulRestart:
      if (length % 7 !== 0) return unknown;
      return { type: "LongLivedGracefulRestart", families: entries(value, 0, 7, (at) => longLivedFamilyAt(value, at)) };
    default:
      return unknown;
  }
}

function gracefulRestart(value: Uint8Array): GracefulRestart {
  const flags = u16At(value, 0);
  return {
    type: "GracefulRestart",
    restartState: (flags & 0x8000) !== 0,
    notification: (flags & 0x4000) !== 0,
    restartTime: flags & 0x0fff,
    families: entries(value, 2, 4, (at) => ({
      family: familyAt(value, at),
      forwardingState: ((value[at + 3] as number) & 0x80) !== 0,
    })),
  };
}

/** RFC 8950 §4: here the SAFI has two octets. */
function nextHopEncodingAt(value: Uint8Array, at: number): NextHopEncoding {
  return { family: { afi: u16At(value, at), safi: u16At(value, at + 2) }, nextHopAfi: u16At(value, at + 4) };
}

function longLivedFamilyAt(value: Uint8Array, at: number): LongLivedFamily {
  return {
    family: familyAt(value, at),
    forwardingState: ((value[at + 3] as number) & 0x80) !== 0,
    staleTime: u32At(value, at + 3) & 0xff_ffff,
  };
}

function familyAt(value: Uint8Array, at: number): Family {
  return { afi: u16At(value, at), safi: value[at + 2] as number };
}

function entries<Entry>(value: Uint8Array, start: number, size: number, entryAt: (at: number) => Entry): Entry[] {
  const all: Entry[] = [];
  for (let at = start; at < value.length; at += size) all.push(entryAt(at));
  return all;
}

/** Writes capabilities at `at`, returns the position behind them. A value above 255 octets is a bug of the caller and throws. */
export function encodeCapabilities(capabilities: readonly Capability[], out: Uint8Array, at: number): number {
  for (const capability of capabilities) {
    out[at] = capability.type === "Unknown" ? capability.code : CapabilityCode[capability.type];
    const end = encodeValue(capability, out, at + 2);
    const length = end - at - 2;
    if (length > 255) throw new Error(`capability ${capability.type} of ${length} octets`);
    out[at + 1] = length;
    at = end;
  }
  return at;
}

function encodeValue(capability: Capability, out: Uint8Array, at: number): number {
  switch (capability.type) {
    case "Multiprotocol":
      at = putU16(out, at, capability.family.afi);
      return putU16(out, at, capability.family.safi);
    case "ExtendedNextHop":
      for (const { family, nextHopAfi } of capability.encodings) {
        at = putU16(out, putU16(out, putU16(out, at, family.afi), family.safi), nextHopAfi);
      }
      return at;
    case "Role":
      out[at] = capability.role;
      return at + 1;
    case "GracefulRestart": {
      const { restartState, notification, restartTime } = capability;
      at = putU16(out, at, (restartState ? 0x8000 : 0) | (notification ? 0x4000 : 0) | (restartTime & 0x0fff));
      for (const { family, forwardingState } of capability.families) {
        at = putFamily(out, at, family, forwardingState ? 0x80 : 0);
      }
      return at;
    }
    case "FourOctetAs":
      return putU32(out, at, capability.autonomousSystem);
    case "AddPath":
      for (const { family, sendReceive } of capability.families) at = putFamily(out, at, family, sendReceive);
      return at;
    case "LongLivedGracefulRestart":
      for (const { family, forwardingState, staleTime } of capability.families) {
        at = putFamily(out, at, family, forwardingState ? 0x80 : 0);
        out[at++] = staleTime >>> 16;
        at = putU16(out, at, staleTime);
      }
      return at;
    case "Unknown":
      return putOctets(out, at, capability.value);
    default:
      return at;
  }
}

function putFamily(out: Uint8Array, at: number, family: Family, flags: number): number {
  at = putU16(out, at, family.afi);
  out[at] = family.safi;
  out[at + 1] = flags;
  return at + 2;
}

/** The first capability of a type, or null. */
export function findCapability<Type extends Capability["type"]>(
  capabilities: readonly Capability[],
  type: Type,
): Extract<Capability, { readonly type: Type }> | null {
  const isOfType = (each: Capability): each is Extract<Capability, { readonly type: Type }> => each.type === type;
  return capabilities.find(isOfType) ?? null;
}

/** The families of all Multiprotocol capabilities; none at all means IPv4 unicast alone to the caller (RFC 4760 §8). */
export function multiprotocolFamilies(capabilities: readonly Capability[]): Family[] {
  const families: Family[] = [];
  for (const capability of capabilities) {
    if (capability.type !== "Multiprotocol") continue;
    if (!families.some((family) => sameFamily(family, capability.family))) families.push(capability.family);
  }
  return families;
}

import { err, type Ipv4Address, ok, type Result } from "@herald-lb/sansio";
import { ipv4At, putIpv4 } from "../address-octets.ts";
import { type Capability, decodeCapabilities, encodeCapabilities, findCapability } from "../capability.ts";
import type { MessageErrorCode } from "../error-code.ts";
import { type SessionReset, sessionReset } from "../session-reset.ts";
import { putOctets, putU16, u16At } from "../octet-fields.ts";
import { HEADER_LENGTH } from "./header.ts";

/** RFC 4271 §4.2: the first message of each side. */
export interface OpenMessage {
  readonly type: "OPEN";
  /** 4 in every OPEN that decodes. */
  readonly version: number;
  /** The two octets of My Autonomous System: `AS_TRANS` when the AS number needs four. See `autonomousSystemOf`. */
  readonly autonomousSystem: number;
  /** Seconds: 0, or at least 3. */
  readonly holdTime: number;
  readonly bgpIdentifier: Ipv4Address;
  /** In the order of the wire, which the encoder keeps. */
  readonly optionalParameters: readonly OptionalParameter[];
  /** RFC 9072 §2: the extended form, also where the parameters fit into 255 octets. Longer ones take it by themselves. */
  readonly extendedOptionalParameters?: true;
}

/** One optional parameter of an OPEN: RFC 5492 §4 capabilities, or one that is carried as octets. */
export type OptionalParameter =
  | { readonly type: "Capabilities"; readonly capabilities: readonly Capability[] }
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };

/** The end of a session because of an OPEN. */
export interface OpenReset extends SessionReset {
  /** The OPEN, where it could be read whole nevertheless. */
  readonly received?: OpenMessage;
}

/** Parameter Type of RFC 5492 §4. */
const CAPABILITIES = 2;

/** RFC 9072 §2: Non-Ext OP Len and Non-Ext OP Type of the extended form. */
const EXTENDED = 255;

/** The offset of My Autonomous System, and of the fields after it. */
const BODY = HEADER_LENGTH;
const PARAMETERS = BODY + 10;

/** All capabilities of an OPEN, from all of its parameters. */
export function capabilitiesOf(open: OpenMessage): readonly Capability[] {
  return open.optionalParameters.flatMap((parameter) =>
    parameter.type === "Capabilities" ? parameter.capabilities : [],
  );
}

/** The AS number of an OPEN's sender: of the capability of RFC 6793 §3 where there is one, else My Autonomous System. */
export function autonomousSystemOf(open: OpenMessage): number {
  return findCapability(capabilitiesOf(open), "FourOctetAs")?.autonomousSystem ?? open.autonomousSystem;
}

/** Reads the body of an OPEN and checks it by itself, RFC 4271 §6.2; what depends on the configuration is the FSM's. */
export function decodeOpen(frame: Uint8Array): Result<OpenMessage, OpenReset> {
  const extended = frame[BODY + 9] !== 0 && frame.length >= PARAMETERS + 3 && frame[PARAMETERS] === EXTENDED;
  const optionalParameters = decodeOptionalParameters(frame, extended);
  const fixed = {
    type: "OPEN" as const,
    version: frame[BODY] as number,
    autonomousSystem: u16At(frame, BODY + 1),
    holdTime: u16At(frame, BODY + 3),
    bgpIdentifier: ipv4At(frame, BODY + 5),
    optionalParameters: optionalParameters ?? [],
  };
  const open: OpenMessage = extended ? { ...fixed, extendedOptionalParameters: true } : fixed;
  const code = openErrorOf(open, optionalParameters !== null);
  if (code === null) return ok(open);
  // RFC 4271 §6.2: the Data field of Unsupported Version Number is the version to use instead.
  const data = code === "UnsupportedVersionNumber" ? Uint8Array.of(0, 4) : undefined;
  const reset = sessionReset(code, data);
  return err(optionalParameters === null ? reset : { ...reset, received: open });
}

function openErrorOf(open: OpenMessage, wellFormed: boolean): MessageErrorCode | null {
  if (open.version !== 4) return "UnsupportedVersionNumber";
  // RFC 7607 §2: AS 0 is nobody's.
  if (open.autonomousSystem === 0 || autonomousSystemOf(open) === 0) return "BadPeerAs";
  if (open.holdTime === 1 || open.holdTime === 2) return "UnacceptableHoldTime";
  // RFC 6286 §2.2: any other number is an identifier.
  if (open.bgpIdentifier === "0.0.0.0") return "BadBgpIdentifier";
  if (!wellFormed) return "MalformedOptionalParameters";
  return open.optionalParameters.some(({ type }) => type === "Unknown") ? "UnsupportedOptionalParameter" : null;
}

function decodeOptionalParameters(frame: Uint8Array, extended: boolean): OptionalParameter[] | null {
  const parameters: OptionalParameter[] = [];
  let at = extended ? PARAMETERS + 3 : PARAMETERS;
  const total = extended ? u16At(frame, PARAMETERS + 1) : (frame[BODY + 9] as number);
  if (at + total !== frame.length) return null;
  while (at < frame.length) {
    const code = frame[at] as number;
    const value = at + (extended ? 3 : 2);
    if (value > frame.length) return null;
    const end = value + (extended ? u16At(frame, at + 1) : (frame[at + 1] as number));
    if (end > frame.length) return null;
    if (code === CAPABILITIES) {
      const capabilities = decodeCapabilities(frame, value, end);
      if (capabilities === null) return null;
      parameters.push({ type: "Capabilities", capabilities });
    } else parameters.push({ type: "Unknown", code, value: frame.subarray(value, end) });
    at = end;
  }
  return parameters;
}

/** Writes the body of an OPEN at `at`, returns the position behind it. */
export function encodeOpen(open: OpenMessage, out: Uint8Array, at: number): number {
  out[at] = open.version;
  at = putU16(out, at + 1, open.autonomousSystem);
  at = putU16(out, at, open.holdTime);
  at = putIpv4(out, at, open.bgpIdentifier);
  return encodeOptionalParameters(open, out, at, false) ?? (encodeOptionalParameters(open, out, at, true) as number);
}

/** Writes optional parameters in one of the two forms, or returns null where the short one does not hold them. */
function encodeOptionalParameters(
  open: OpenMessage,
  out: Uint8Array,
  lengthAt: number,
  extended: boolean,
): number | null {
  if (!extended && open.extendedOptionalParameters === true) return null;
  const start = lengthAt + (extended ? 4 : 1);
  let at = start;
  for (const parameter of open.optionalParameters) {
    out[at] = parameter.type === "Capabilities" ? CAPABILITIES : parameter.code;
    const value = at + (extended ? 3 : 2);
    const end =
      parameter.type === "Capabilities"
        ? encodeCapabilities(parameter.capabilities, out, value)
        : putOctets(out, value, parameter.value);
    if (extended) putU16(out, at + 1, end - value);
    else if (end - value > 255) return null;
    else out[at + 1] = end - value;
    at = end;
  }
  if (!extended && at - start > 255) return null;
  out[lengthAt] = extended ? EXTENDED : at - start;
  if (extended) {
    out[lengthAt + 1] = EXTENDED;
    putU16(out, lengthAt + 2, at - start);
  }
  return at;
}

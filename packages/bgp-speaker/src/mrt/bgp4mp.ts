import { type ByteReader, type IpAddress, ipAddressFromOctets } from "@herald-lb/sansio";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { malformed } from "../record-error.ts";

/** The two ends of a session in a record of BGP4MP, RFC 6396 §4.4. */
export interface Bgp4mpSession {
  readonly peerAs: number;
  readonly localAs: number;
  readonly interfaceIndex: number;
  readonly peerAddress: IpAddress;
  readonly localAddress: IpAddress;
}

/** BGP4MP_MESSAGE in all its forms: RFC 6396 §4.4.2, §4.4.3, and RFC 8050 §3 with ADD-PATH. */
export interface Bgp4mpMessage extends Bgp4mpSession {
  readonly type: "BGP4MP_MESSAGE";
  /** True where the collector sent the message. */
  readonly isLocal: boolean;
  /** A whole BGP message with its header; a view of the record. */
  readonly message: Uint8Array;
  /** The context for `decodeMessage`: the widths that the record's subtype says. */
  readonly context: CodecContext;
}

/** BGP4MP_STATE_CHANGE: RFC 6396 §4.4.1. States are 1 Idle to 6 Established. */
export interface Bgp4mpStateChange extends Bgp4mpSession {
  readonly type: "BGP4MP_STATE_CHANGE";
  readonly oldState: number;
  readonly newState: number;
}

interface Subtype {
  readonly type: "BGP4MP_MESSAGE" | "BGP4MP_STATE_CHANGE";
  readonly fourOctetAs: boolean;
  readonly isLocal: boolean;
  readonly addPath: boolean;
}

const message = (fourOctetAs: boolean, isLocal: boolean, addPath: boolean): Subtype => ({
  type: "BGP4MP_MESSAGE",
  fourOctetAs,
  isLocal,
  addPath,
});
const stateChange = (fourOctetAs: boolean): Subtype => ({
  type: "BGP4MP_STATE_CHANGE",
  fourOctetAs,
  isLocal: false,
  addPath: false,
});

/** By number: RFC 6396 §4.4 and RFC 8050 §3. */
const subtypes: ReadonlyMap<number, Subtype> = new Map([
  [0, stateChange(false)],
  [1, message(false, false, false)],
  [4, message(true, false, false)],
  [5, stateChange(true)],
  [6, message(false, true, false)],
  [7, message(true, true, false)],
  [8, message(false, false, true)],
  [9, message(true, false, true)],
  [10, message(false, true, true)],
  [11, message(true, true, true)],
]);

const families = [IPV4_UNICAST, IPV6_UNICAST];

/** Reads a record of BGP4MP; null for a subtype that is not known. */
export function readBgp4mp(number: number, reader: ByteReader): Bgp4mpMessage | Bgp4mpStateChange | null {
  const subtype = subtypes.get(number);
  if (subtype === undefined) return null;
  const { type, fourOctetAs, isLocal, addPath } = subtype;
  const session = readSession(reader, fourOctetAs);
  if (type === "BGP4MP_STATE_CHANGE") return { type, ...session, oldState: reader.u16(), newState: reader.u16() };
  const context: CodecContext = {
    fourOctetAs,
    families,
    maxMessageLength: 65535,
    ...(addPath ? { addPath: families } : {}),
  };
  return { type, ...session, isLocal, message: reader.rest(), context };
}

function readSession(reader: ByteReader, fourOctetAs: boolean): Bgp4mpSession {
  const peerAs = fourOctetAs ? reader.u32() : reader.u16();
  const localAs = fourOctetAs ? reader.u32() : reader.u16();
  const interfaceIndex = reader.u16();
  const afi = reader.u16();
  if (afi !== 1 && afi !== 2) malformed(reader, "Address Family");
  const length = afi === 1 ? 4 : 16;
  const peerAddress = ipAddressFromOctets(reader.octets(length));
  return { peerAs, localAs, interfaceIndex, peerAddress, localAddress: ipAddressFromOctets(reader.octets(length)) };
}

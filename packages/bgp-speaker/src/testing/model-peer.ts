import { hexOf } from "@herald-lb/sansio/testing";

/** A route that a peer holds, read from the wire without the codec under test. */
export interface HeldRoute {
  readonly nextHop: string;
  readonly attributes: Readonly<Record<number, string>>;
}

/** A router that accepts every message, reads octets with a small parser of its own, and keeps what it read. */
export interface ModelPeer {
  readonly held: Map<string, HeldRoute>;
  readonly messages: { readonly type: number; readonly body: Uint8Array; readonly length: number }[];
  readonly endOfRibs: string[];
  readonly receive: (octets: Uint8Array) => void;
}

/** Makes a router that has received nothing; with `addPath` every prefix has a Path Identifier (RFC 7911 §3), which it keeps. */
export function createModelPeer({ addPath = false }: { readonly addPath?: boolean } = {}): ModelPeer {
  let pending = new Uint8Array(0);
  const held = new Map<string, HeldRoute>();
  const endOfRibs: string[] = [];
  const messages: ModelPeer["messages"] = [];
  const nlri = (octets: Uint8Array, family: string): string[] => {
    const found: string[] = [];
    for (let at = 0; at < octets.length; ) {
      const path = addPath ? ` path ${hexOf(octets.subarray(at, at + 4))}` : "";
      if (addPath) at += 4;
      const bits = octets[at] as number;
      const count = Math.ceil(bits / 8);
      found.push(`${family} ${hexOf(octets.subarray(at + 1, at + 1 + count))}/${bits}${path}`);
      at += 1 + count;
    }
    return found;
  };
  const update = (body: Uint8Array): void => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const withdrawnLength = view.getUint16(0);
    const attributesLength = view.getUint16(2 + withdrawnLength);
    if (body.length === 4) endOfRibs.push("IPv4");
    for (const prefix of nlri(body.subarray(2, 2 + withdrawnLength), "4")) held.delete(prefix);
    const attributes: Record<number, string> = {};
    const announced: [string[], string][] = [];
    const end = 4 + withdrawnLength + attributesLength;
    for (let at = 4 + withdrawnLength; at < end; ) {
      const long = ((body[at] as number) & 0x10) !== 0;
      const code = body[at + 1] as number;
      const length = long ? view.getUint16(at + 2) : (body[at + 2] as number);
      const value = body.subarray(at + (long ? 4 : 3), at + (long ? 4 : 3) + length);
      at += (long ? 4 : 3) + length;
      const family = value[1] === 1 ? "4" : "6";
      if (code === 14) {
        const nextHopLength = value[3] as number;
        announced.push([nlri(value.subarray(5 + nextHopLength), family), hexOf(value.subarray(4, 4 + nextHopLength))]);
      } else if (code === 15) {
        if (length === 3) endOfRibs.push(`IPv${family}`);
        for (const prefix of nlri(value.subarray(3), family)) held.delete(prefix);
      } else attributes[code] = hexOf(value);
    }
    const classic = nlri(body.subarray(end), "4");
    if (classic.length > 0) announced.push([classic, attributes[3] ?? "none"]);
    for (const [prefixes, nextHop] of announced)
      for (const prefix of prefixes) held.set(prefix, { nextHop, attributes });
  };
  return {
    held,
    messages,
    endOfRibs,
    receive(octets) {
      const all = new Uint8Array(pending.length + octets.length);
      all.set(pending);
      all.set(octets, pending.length);
      let at = 0;
      while (all.length - at >= 19) {
        const length = ((all[at + 16] as number) << 8) | (all[at + 17] as number);
        if (all.length - at < length) break;
        const body = all.slice(at + 19, at + length);
        const type = all[at + 18] as number;
        messages.push({ type, body, length });
        if (type === 2) update(body);
        at += length;
      }
      pending = all.slice(at);
    },
  };
}

/** A message of a type (RFC 4271 §4.1) with its header. */
export function frame(type: number, ...body: readonly number[]): Uint8Array {
  const length = 19 + body.length;
  return Uint8Array.from([...Array.from({ length: 16 }, () => 0xff), length >>> 8, length & 0xff, type, ...body]);
}

/** An OPEN of AS 65001, identifier 192.0.2.1, for both families, with four-octet AS numbers and route refresh. */
export function peerOpen(
  options: { readonly as?: number; readonly hold?: number; readonly extra?: readonly number[] } = {},
): Uint8Array {
  const as = options.as ?? 65001;
  const hold = options.hold ?? 90;
  const capabilities = [
    1,
    4,
    0,
    1,
    0,
    1,
    1,
    4,
    0,
    2,
    0,
    1,
    2,
    0,
    70,
    0,
    65,
    4,
    0,
    0,
    as >>> 8,
    as & 0xff,
    ...(options.extra ?? []),
  ];
  const parameter = [2, capabilities.length, ...capabilities];
  return frame(1, 4, as >>> 8, as & 0xff, hold >>> 8, hold & 0xff, 192, 0, 2, 1, parameter.length, ...parameter);
}

/** A KEEPALIVE. */
export const KEEPALIVE: Uint8Array = frame(4);

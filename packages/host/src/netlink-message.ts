/** One message of a netlink datagram: `struct nlmsghdr` and what follows it. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** A view of the datagram. */
  readonly payload: Buffer;
}

const HEADER = 16;
const align = (length: number): number => (length + 3) & ~3;

/** The messages of a datagram (RFC 3549 §2.2); what is cut short at its end is left out. */
export function decodeNetlinkMessages(datagram: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset + HEADER <= datagram.length) {
    const length = datagram.readUInt32LE(offset);
    if (length < HEADER || offset + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      payload: datagram.subarray(offset + HEADER, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

/** The attributes (`struct rtattr`) of a message, by type, nested flag cleared; the last of a type counts, one cut short is left out. */
export function decodeAttributes(octets: Buffer): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let offset = 0;
  while (offset + 4 <= octets.length) {
    const length = octets.readUInt16LE(offset);
    if (length < 4 || offset + length > octets.length) break;
    attributes.set(octets.readUInt16LE(offset + 2) & 0x3fff, octets.subarray(offset + 4, offset + length));
    offset += align(length);
  }
  return attributes;
}

/** A request to dump a whole table (`NLM_F_REQUEST | NLM_F_DUMP`) of every family. */
export function encodeDumpRequest(type: number, sequence: number): Buffer {
  // The longest of the fixed headers of the tables asked for (struct ifinfomsg); zeros mean all.
  const octets = Buffer.alloc(HEADER + 16);
  octets.writeUInt32LE(octets.length, 0);
  octets.writeUInt16LE(type, 4);
  octets.writeUInt16LE(0x301, 6);
  octets.writeUInt32LE(sequence, 8);
  return octets;
}

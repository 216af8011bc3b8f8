/** An ARP frame as far as the client reads it. */
export interface ArpFrame {
  /** The hardware address in the frame's own header. */
  readonly source: string;
  readonly senderAddress: string;
  readonly targetAddress: string;
  readonly isReply: boolean;
}

const LENGTH = 42;
const ETHERTYPE_ARP = 0x0806;
/** Ethernet and IPv4, with their lengths: RFC 826. */
const FORM = [0, 1, 8, 0, 6, 4] as const;
const REQUEST = 1;
const REPLY = 2;

/** A broadcast request for `target`, told to `sender`. */
export function encodeWhoHas(mac: string, sender: string, target: string): Uint8Array {
  const frame = new Uint8Array(LENGTH);
  const own = mac.split(":").map((octet) => Number.parseInt(octet, 16));
  frame.fill(0xff, 0, 6);
  frame.set(own, 6);
  frame.set([ETHERTYPE_ARP >> 8, ETHERTYPE_ARP & 0xff, ...FORM, 0, REQUEST], 12);
  frame.set(own, 22);
  frame.set(sender.split(".").map(Number), 28);
  frame.set(target.split(".").map(Number), 38);
  return frame;
}

/** Reads a frame; null where it is no ARP of Ethernet and IPv4. */
export function decodeArpFrame(frame: Uint8Array): ArpFrame | null {
  if (frame.length < LENGTH || frame[12] !== ETHERTYPE_ARP >> 8 || frame[13] !== (ETHERTYPE_ARP & 0xff)) return null;
  if (FORM.some((octet, index) => frame[14 + index] !== octet)) return null;
  return {
    source: Array.from(frame.subarray(6, 12), (octet) => octet.toString(16).padStart(2, "0")).join(":"),
    senderAddress: frame.subarray(28, 32).join("."),
    targetAddress: frame.subarray(38, 42).join("."),
    isReply: frame[21] === REPLY,
  };
}

import { IP_TTL, IPV6_HOPLIMIT } from "./linux-constants.ts";
import { SOCKET_ADDRESS_MAX } from "./socket-address.ts";
import { sys } from "./sys.ts";

/** Octets of a `struct msghdr`, of a `struct iovec`, and of a `struct cmsghdr` before its data, on a machine of 64 bits. */
const MSGHDR = 56;
const IOVEC = 16;
const CMSGHDR = 16;
/** Room for the one control message that is asked for, and some. */
const CONTROL_MAX = 64;

/**
 * The arguments of `recvmsg(2)` for datagrams of whose TTL the kernel is asked to tell. What it points at is held as long as it is; one `receive` overwrites what the
 * one before it left.
 */
export class MessageHeader {
  readonly #header: Buffer = Buffer.alloc(MSGHDR);
  readonly #parts: Buffer = Buffer.alloc(IOVEC);
  readonly #name: Buffer = Buffer.alloc(SOCKET_ADDRESS_MAX);
  readonly #control: Buffer = Buffer.alloc(CONTROL_MAX);
  readonly #into: Uint8Array;

  /** Receives into `into`. */
  constructor(into: Uint8Array) {
    this.#into = into;
    this.#parts.writeBigUInt64LE(sys.addressOf(this.#into), 0);
    this.#parts.writeBigUInt64LE(BigInt(into.length), 8);
    this.#header.writeBigUInt64LE(sys.addressOf(this.#name), 0);
    this.#header.writeBigUInt64LE(sys.addressOf(this.#parts), 16);
    this.#header.writeBigUInt64LE(1n, 24);
    this.#header.writeBigUInt64LE(sys.addressOf(this.#control), 32);
  }

  /** Receives one datagram and returns its length; negative where there is none, or an error. */
  receive(fd: number): number {
    this.#header.writeUInt32LE(SOCKET_ADDRESS_MAX, 8);
    this.#header.writeBigUInt64LE(BigInt(CONTROL_MAX), 40);
    return sys.recvmsg(fd, this.#header, 0);
  }

  /** The encoded address of the sender: a view, valid until the next `receive`. */
  get sender(): Buffer {
    return this.#name.subarray(0, this.#header.readUInt32LE(8));
  }

  /** The TTL or hop limit of the datagram; null where the kernel told none. */
  get ttl(): number | null {
    return receivedTtl(this.#control.subarray(0, Number(this.#header.readBigUInt64LE(40))));
  }
}

/** The TTL or hop limit among control messages; null for none, or where they are cut. */
export function receivedTtl(control: Buffer): number | null {
  for (let at = 0; at + CMSGHDR <= control.length; ) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < CMSGHDR || at + length > control.length) return null;
    const [level, type] = [control.readInt32LE(at + 8), control.readInt32LE(at + 12)];
    const isTtl = [IP_TTL, IPV6_HOPLIMIT].some((each) => each.level === level && each.option === type);
    if (isTtl && length >= CMSGHDR + 4) return control.readInt32LE(at + CMSGHDR);
    // Each begins at a multiple of eight octets.
    at += Math.ceil(length / 8) * 8;
  }
  return null;
}

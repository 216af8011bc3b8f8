import { type IpAddress, type Result } from "@herald-lb/sansio";
import { TCP_MD5SIG, TCP_MD5SIG_EXT } from "./linux-constants.ts";
import { encodeSocketAddress } from "./socket-address.ts";
import { setOption } from "./socket-options.ts";
import type { SystemError } from "./system-error.ts";

/** The key for segments to and from one peer or prefix (RFC 2385 §2). */
export interface Md5Key {
  readonly peer: IpAddress;
  /** The key's octets in UTF-8, at most 80; empty removes the key. */
  readonly password: string;
  /** The key is for the whole prefix of this length around `peer`. */
  readonly prefixLength?: number;
}

/** A `struct tcp_md5sig`. A password that is too long is told by its length, which the kernel refuses with EINVAL. */
export function encodeMd5Key({ peer, password, prefixLength }: Md5Key): Buffer {
  const octets = Buffer.alloc(216);
  octets.set(encodeSocketAddress({ address: peer, port: 0, scopeId: 0 }), 0);
  if (prefixLength !== undefined) {
    octets.writeUInt8(1, 128);
    octets.writeUInt8(prefixLength, 129);
  }
  octets.writeUInt16LE(Math.min(Buffer.byteLength(password), 0xffff), 130);
  octets.write(password, 136);
  return octets;
}

/** Sets or removes a key on a connection before it connects, or on a listener at any time. */
export function setMd5Key(fd: number, key: Md5Key): Result<void, SystemError> {
  return setOption(fd, key.prefixLength === undefined ? TCP_MD5SIG : TCP_MD5SIG_EXT, encodeMd5Key(key));
}

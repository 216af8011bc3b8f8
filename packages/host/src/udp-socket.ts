import { familyOf, type IpAddress, ok, type Result } from "@herald-lb/sansio";
import { minTtlFilter } from "./bpf.ts";
import { IP_RECVTTL, IPV6_RECVHOPLIMIT, IPV6_V6ONLY, NONBLOCK_CLOEXEC, SO_REUSEADDR, SOCK } from "./linux-constants.ts";
import { MessageHeader } from "./message-header.ts";
import { DRAIN_LIMIT, type PollLoop } from "./poll-loop.ts";
import {
  decodeSocketAddress,
  encodeSocketAddress,
  familyNumber,
  SOCKET_ADDRESS_MAX,
  type SocketAddress,
} from "./socket-address.ts";
import { attachFilter, bindTo, bindToDevice, openSocket, setOption, setTtl } from "./socket-options.ts";
import { failed, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/** Options of a UDP socket. */
export interface UdpSocketOptions {
  /** The local address; `0.0.0.0` or `::` for all of that family (`::` does not take IPv4). */
  readonly address: IpAddress;
  /** The local port; 0 lets the kernel choose. */
  readonly port: number;
  /** The interface's index, where `address` is link-local IPv6. */
  readonly scopeId?: number;
  /** Binds to this interface or VRF. */
  readonly device?: string;
  /** TTL or hop limit of what is sent. */
  readonly ttl?: number;
  /** Datagrams with a lower TTL or hop limit are dropped in the kernel (RFC 5082 §3). */
  readonly minTtl?: number;
  /** Lets several sockets bind the same address and port. */
  readonly reuseAddress?: boolean;
  /** Has the kernel tell the TTL or hop limit of each datagram. */
  readonly receiveTtl?: boolean;
  /** Takes a datagram: a view of the loop's receive buffer, valid during the call. `ttl` is null without `receiveTtl`. */
  readonly onDatagram: (octets: Uint8Array, from: SocketAddress, ttl: number | null) => void;
}

/** A UDP socket on a poll loop. */
export interface UdpSocket {
  /** The address it is bound to, with the port that the kernel chose. */
  readonly local: SocketAddress;
  /** Sends one datagram; one that cannot go now (`EAGAIN`, `ENETUNREACH`, ...) is lost, as datagrams are. */
  readonly send: (octets: Uint8Array, to: SocketAddress) => Result<void, SystemError>;
  /** Ends it; calling it again does nothing. */
  readonly close: () => void;
}

/** Opens a UDP socket on `loop`. */
export function openUdpSocket(loop: PollLoop, options: UdpSocketOptions): Result<UdpSocket, SystemError> {
  const family = familyOf(options.address);
  const { device, ttl, minTtl, receiveTtl } = options;
  const steps: ((fd: number) => Result<void, SystemError>)[] = [];
  if (family === "IPv6") steps.push((fd) => setOption(fd, IPV6_V6ONLY, 1));
  if (options.reuseAddress === true) steps.push((fd) => setOption(fd, SO_REUSEADDR, 1));
  if (device !== undefined) steps.push((fd) => bindToDevice(fd, device));
  if (ttl !== undefined) steps.push((fd) => setTtl(fd, family, ttl));
  if (minTtl !== undefined) steps.push((fd) => attachFilter(fd, minTtlFilter(family, minTtl)));
  if (receiveTtl === true) steps.push((fd) => setOption(fd, family === "IPv4" ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1));
  steps.push((fd) =>
    bindTo(fd, encodeSocketAddress({ address: options.address, port: options.port, scopeId: options.scopeId ?? 0 })),
  );
  const opened = openSocket(familyNumber(family), SOCK.DGRAM | NONBLOCK_CLOEXEC, 0, steps);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const from = Buffer.alloc(SOCKET_ADDRESS_MAX);
  const fromLength = Buffer.alloc(4);
  const header = receiveTtl === true ? new MessageHeader(loop.receiveBuffer) : null;
  let open = true;

  fromLength.writeUInt32LE(from.length);
  if (sys.getsockname(fd, from, fromLength) < 0) throw new Error(`getsockname failed with error number ${sys.errno()}`);
  const local = decodeSocketAddress(from.subarray(0, fromLength.readUInt32LE(0)));
  if (local === null) throw new Error("a UDP socket has an address of another family");

  const receiveOne = (): number => {
    if (header !== null) return header.receive(fd);
    fromLength.writeUInt32LE(from.length);
    return sys.recvfrom(fd, loop.receiveBuffer, loop.receiveBuffer.length, 0, from, fromLength);
  };

  // A handler may close the socket in the middle of a drain.
  const isOpen = (): boolean => open;
  const receive = (): void => {
    for (let taken = 0; taken < DRAIN_LIMIT && isOpen(); taken++) {
      const length = receiveOne();
      // An error is an earlier datagram's, told once (ICMP); reading it has cleared it.
      if (length < 0) return;
      const sender = decodeSocketAddress(header?.sender ?? from.subarray(0, fromLength.readUInt32LE(0)));
      if (sender !== null) options.onDatagram(loop.receiveBuffer.subarray(0, length), sender, header?.ttl ?? null);
    }
  };
  const unwatch = loop.watch(fd, receive);

  return ok({
    local,
    send: (octets, to) => {
      if (!open) return failed("sendto", 9);
      const address = encodeSocketAddress(to);
      if (sys.sendto(fd, octets, octets.length, 0, address, address.length) < 0) return failed("sendto", sys.errno());
      return ok(undefined);
    },
    close: () => {
      if (!open) return;
      open = false;
      unwatch();
      sys.close(fd);
    },
  });
}

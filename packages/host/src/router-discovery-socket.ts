import { familyOf, type Ipv6Address, isLinkLocal, ok, type Result } from "@herald-lb/sansio";
import { minTtlFilter } from "./bpf.ts";
import {
  AF,
  ICMP6_FILTER,
  IPPROTO_ICMPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  NONBLOCK_CLOEXEC,
  SOCK,
} from "./linux-constants.ts";
import { DRAIN_LIMIT, type PollLoop } from "./poll-loop.ts";
import { decodeSocketAddress, encodeSocketAddress, SOCKET_ADDRESS_MAX } from "./socket-address.ts";
import { attachFilter, bindToDevice, openSocket, setOption } from "./socket-options.ts";
import { failed, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/** RFC 4861 §6.1.2: a message with a lower hop limit has crossed a router. */
const HOP_LIMIT = 255;
const ROUTER_ADVERTISEMENT = 134;

/** The groups of a link, RFC 4291 §2.7.1. */
const GROUPS = { nodes: "ff02::1", routers: "ff02::2" } as const;

/** Options of a socket for router discovery. */
export interface RouterDiscoverySocketOptions {
  /** The interface's name. */
  readonly device: string;
  /** Takes a Router Advertisement, beginning with its type: a view of the loop's receive buffer, valid during the call. */
  readonly onAdvertisement: (octets: Uint8Array, source: Ipv6Address) => void;
}

/** A socket for router discovery on one interface. */
export interface RouterDiscoverySocket {
  /** Sends an ICMPv6 message from the interface's link-local address; the kernel fills in the checksum. */
  readonly send: (octets: Uint8Array, to: "nodes" | "routers") => Result<void, SystemError>;
  /** Ends it; calling it again does nothing. */
  readonly close: () => void;
}

/**
 * Opens an ICMPv6 socket on `loop` that hears Router Advertisements, RFC 4861 §4.2, whether or not the kernel acts on them. Needs
 * CAP_NET_RAW. Fails with `ENODEV` where there is no such interface.
 */
export function openRouterDiscoverySocket(
  loop: PollLoop,
  { device, onAdvertisement }: RouterDiscoverySocketOptions,
): Result<RouterDiscoverySocket, SystemError> {
  const scopeId = sys.if_nametoindex(device);
  if (scopeId === 0) return failed("if_nametoindex", sys.errno());
  const opened = openSocket(AF.INET6, SOCK.RAW | NONBLOCK_CLOEXEC, IPPROTO_ICMPV6, [
    (fd) => setOption(fd, ICMP6_FILTER, onlyType(ROUTER_ADVERTISEMENT)),
    (fd) => attachFilter(fd, minTtlFilter("IPv6", HOP_LIMIT)),
    (fd) => bindToDevice(fd, device),
    (fd) => setOption(fd, IPV6_MULTICAST_HOPS, HOP_LIMIT),
    (fd) => setOption(fd, IPV6_MULTICAST_LOOP, 0),
  ]);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const from = Buffer.alloc(SOCKET_ADDRESS_MAX);
  const fromLength = Buffer.alloc(4);
  let open = true;

  // A handler may close the socket in the middle of a drain.
  const isOpen = (): boolean => open;
  const receive = (): void => {
    for (let taken = 0; taken < DRAIN_LIMIT && isOpen(); taken++) {
      fromLength.writeUInt32LE(from.length);
      const length = sys.recvfrom(fd, loop.receiveBuffer, loop.receiveBuffer.length, 0, from, fromLength);
      if (length < 0) return;
      const source = decodeSocketAddress(from.subarray(0, fromLength.readUInt32LE(0)))?.address ?? null;
      if (source === null || familyOf(source) !== "IPv6" || !isLinkLocal(source)) continue;
      onAdvertisement(loop.receiveBuffer.subarray(0, length), source as Ipv6Address);
    }
  };
  const unwatch = loop.watch(fd, receive);

  return ok({
    send: (octets, to) => {
      if (!open) return failed("sendto", 9);
      const address = encodeSocketAddress({ address: GROUPS[to] as Ipv6Address, port: 0, scopeId });
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

/** A `struct icmp6_filter`: a bit for each type that is not delivered. */
function onlyType(type: number): Buffer {
  const octets = Buffer.alloc(32, 0xff);
  const word = octets.readUInt32LE((type >>> 5) * 4);
  octets.writeUInt32LE((word & ~(1 << (type & 31))) >>> 0, (type >>> 5) * 4);
  return octets;
}

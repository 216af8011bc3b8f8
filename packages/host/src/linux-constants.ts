// Values of the kernel's headers that are the same on x86-64 and arm64, glibc and musl.

/** Address families: `AF_*`. */
export const AF: { readonly INET: 2; readonly INET6: 10; readonly NETLINK: 16; readonly PACKET: 17 } = {
  INET: 2,
  INET6: 10,
  NETLINK: 16,
  PACKET: 17,
};

/** Socket types: `SOCK_*`. */
export const SOCK: { readonly STREAM: 1; readonly DGRAM: 2; readonly RAW: 3 } = { STREAM: 1, DGRAM: 2, RAW: 3 };

/** `SOCK_NONBLOCK | SOCK_CLOEXEC`: or'ed to the type of every socket that a loop watches. */
export const NONBLOCK_CLOEXEC = 0o2004000;

/** `SOCK_CLOEXEC` alone, for a socket that shall block. */
export const CLOEXEC = 0o2000000;

/** `IPPROTO_ICMPV6`. */
export const IPPROTO_ICMPV6 = 58;

/** EtherTypes. */
export const ETHERTYPE: { readonly ARP: 0x0806; readonly IPV6: 0x86dd } = { ARP: 0x0806, IPV6: 0x86dd };

/** Bits of `struct pollfd`. */
export const POLL: { readonly IN: 1; readonly ERR: 8; readonly HUP: 16; readonly NVAL: 32 } = {
  IN: 1,
  ERR: 8,
  HUP: 16,
  NVAL: 32,
};

/** A socket option: its level and number, and the name that errors carry. */
export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly option: number;
}

const option = (name: string, level: number, number: number): SocketOption => ({ name, level, option: number });

/** `SO_REUSEADDR`. */
export const SO_REUSEADDR: SocketOption = option("SO_REUSEADDR", 1, 2);
/** `SO_RCVBUF`, octets. */
export const SO_RCVBUF: SocketOption = option("SO_RCVBUF", 1, 8);
/** `SO_RCVTIMEO`, a `struct timeval`. */
export const SO_RCVTIMEO: SocketOption = option("SO_RCVTIMEO", 1, 20);
/** `SO_BINDTODEVICE`, an interface's name. */
export const SO_BINDTODEVICE: SocketOption = option("SO_BINDTODEVICE", 1, 25);
/** `SO_ATTACH_FILTER`, a `struct sock_fprog`. */
export const SO_ATTACH_FILTER: SocketOption = option("SO_ATTACH_FILTER", 1, 26);
/** `IP_TTL`. */
export const IP_TTL: SocketOption = option("IP_TTL", 0, 2);
/** `IP_RECVTTL`: every datagram comes with a control message of the type `IP_TTL`. */
export const IP_RECVTTL: SocketOption = option("IP_RECVTTL", 0, 12);
/** `IP_MINTTL`: a TCP segment with a lower TTL is dropped. The kernel accepts it on UDP and ignores it. */
export const IP_MINTTL: SocketOption = option("IP_MINTTL", 0, 21);
/** `IPV6_UNICAST_HOPS`. */
export const IPV6_UNICAST_HOPS: SocketOption = option("IPV6_UNICAST_HOPS", 41, 16);
/** `IPV6_MULTICAST_HOPS`. */
export const IPV6_MULTICAST_HOPS: SocketOption = option("IPV6_MULTICAST_HOPS", 41, 18);
/** `IPV6_MULTICAST_LOOP`: whether the host itself hears what it sends to a group. */
export const IPV6_MULTICAST_LOOP: SocketOption = option("IPV6_MULTICAST_LOOP", 41, 19);
/** `IPV6_JOIN_GROUP`, a `struct ipv6_mreq`. */
export const IPV6_JOIN_GROUP: SocketOption = option("IPV6_JOIN_GROUP", 41, 20);
/** `IPV6_LEAVE_GROUP`, a `struct ipv6_mreq`. */
export const IPV6_LEAVE_GROUP: SocketOption = option("IPV6_LEAVE_GROUP", 41, 21);
/** `IPV6_V6ONLY`. */
export const IPV6_V6ONLY: SocketOption = option("IPV6_V6ONLY", 41, 26);
/** `IPV6_RECVHOPLIMIT`: every datagram comes with a control message of the type `IPV6_HOPLIMIT`. */
export const IPV6_RECVHOPLIMIT: SocketOption = option("IPV6_RECVHOPLIMIT", 41, 51);
/** `IPV6_HOPLIMIT`. */
export const IPV6_HOPLIMIT: SocketOption = option("IPV6_HOPLIMIT", 41, 52);
/** `IPV6_MINHOPCOUNT`, as `IP_MINTTL`. */
export const IPV6_MINHOPCOUNT: SocketOption = option("IPV6_MINHOPCOUNT", 41, 73);
/** `ICMP6_FILTER`, a `struct icmp6_filter`. */
export const ICMP6_FILTER: SocketOption = option("ICMP6_FILTER", 58, 1);
/** `TCP_MD5SIG`, a `struct tcp_md5sig`. */
export const TCP_MD5SIG: SocketOption = option("TCP_MD5SIG", 6, 14);
/** `TCP_MD5SIG_EXT`, a `struct tcp_md5sig` with flags. */
export const TCP_MD5SIG_EXT: SocketOption = option("TCP_MD5SIG_EXT", 6, 32);
/** `PACKET_IGNORE_OUTGOING`: frames that this host sends are not delivered. */
export const PACKET_IGNORE_OUTGOING: SocketOption = option("PACKET_IGNORE_OUTGOING", 263, 23);

import { type Ipv6Address, ipv6ToOctets, ok, type Result } from "@herald-lb/sansio";
import { AF, IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP, NONBLOCK_CLOEXEC, SOCK } from "./linux-constants.ts";
import { openSocket, setOption } from "./socket-options.ts";
import type { SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/**
 * Membership in IPv6 multicast groups on one interface. The kernel reports it by MLD, so that snooping switches forward the group, and
 * opens the card's filter for it. Nothing is received here: the packet socket hears what arrives.
 */
export interface MulticastMembership {
  /** Joins, or counts one more user of a group already joined: addresses with the same last 24 bits share a group (RFC 4291 §2.7.1). */
  readonly join: (group: Ipv6Address) => Result<void, SystemError>;
  /** Takes one user away, and leaves with the last. A group that was not joined is passed over. */
  readonly leave: (group: Ipv6Address) => void;
  /** Leaves all groups. */
  readonly close: () => void;
}

interface Joined {
  readonly fd: number;
  users: number;
}

/** Memberships on the interface of index `interfaceIndex`. */
export function openMulticastMembership(interfaceIndex: number): MulticastMembership {
  const fds: number[] = [];
  const groups = new Map<Ipv6Address, Joined>();
  const request = (group: Ipv6Address): Buffer => {
    const octets = Buffer.alloc(20);
    octets.set(ipv6ToOctets(group), 0);
    octets.writeUInt32LE(interfaceIndex, 16);
    return octets;
  };
  const joinOnNewSocket = (group: Ipv6Address): Result<number, SystemError> =>
    openSocket(AF.INET6, SOCK.DGRAM | NONBLOCK_CLOEXEC, 0, [(fd) => setOption(fd, IPV6_JOIN_GROUP, request(group))]);

  return {
    join: (group) => {
      const joined = groups.get(group);
      if (joined !== undefined) {
        joined.users++;
        return ok(undefined);
      }
      const last = fds.at(-1);
      if (last !== undefined) {
        const done = setOption(last, IPV6_JOIN_GROUP, request(group));
        if (done.ok) groups.set(group, { fd: last, users: 1 });
        // A socket holds as many groups as net.core.optmem_max pays for; then a further socket takes over.
        if (done.ok || (done.error.code !== "ENOMEM" && done.error.code !== "ENOBUFS")) return done;
      }
      const opened = joinOnNewSocket(group);
      if (!opened.ok) return opened;
      fds.push(opened.value);
      groups.set(group, { fd: opened.value, users: 1 });
      return ok(undefined);
    },
    leave: (group) => {
      const joined = groups.get(group);
      if (joined === undefined || --joined.users > 0) return;
      groups.delete(group);
      setOption(joined.fd, IPV6_LEAVE_GROUP, request(group));
    },
    close: () => {
      groups.clear();
      for (const fd of fds.splice(0)) sys.close(fd);
    },
  };
}

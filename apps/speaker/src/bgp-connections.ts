import type { Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { ConnectionId, LocalAddresses, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { connectTcp } from "@herald-lb/host";
import { familyOf, type IpAddress, type Ipv6Address, isLinkLocal, parseIpAddress } from "@herald-lb/sansio";

/** The time limit of an attempt to connect, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;
/** The time in which a peer must close its side after our NOTIFICATION, in milliseconds. */
const LINGER = 1_000;

type ConnectionEffect = Extract<SpeakerEffect, { type: "ConnectTcp" | "CloseTcp" | "SendOctets" }>;

/** The TCP connections of the BGP speaker: takes its effects, and turns what happens on the sockets into its events. */
export interface BgpConnections {
  readonly perform: (effect: ConnectionEffect) => void;
}

/** Makes connections for the effects of a BGP speaker; `tell` takes the events. */
export function createBgpConnections(tell: (event: SpeakerEvent) => void): BgpConnections {
  const sockets = new Map<ConnectionId, Socket>();

  const open = (effect: Extract<ConnectionEffect, { type: "ConnectTcp" }>): void => {
    const { peer, connection } = effect;
    const closed = (reason: string): void => {
      sockets.delete(connection);
      tell({ type: "TcpClosed", peer, connection, reason });
    };
    const opened = connectTcp({
      host: effect.address,
      port: effect.port,
      connectTimeoutMs: CONNECT_TIMEOUT,
      ...(effect.vrf === null ? {} : { device: effect.vrf }),
      ...(effect.interface === null ? {} : { zone: effect.interface }),
      ...(effect.sourceAddress === null ? {} : { sourceAddress: effect.sourceAddress }),
      ...(effect.password === null ? {} : { md5Password: effect.password }),
      ...(effect.ttl === null ? {} : { ttl: effect.ttl }),
    });
    if (!opened.ok) {
      // The kernel refused an option or the source address: the BGPPeer does not fit this node.
      const { syscall, code } = opened.error;
      queueMicrotask(() => tell({ type: "TcpClosed", peer, connection, reason: `${syscall}: ${code}` }));
      return;
    }
    const socket = opened.value;
    sockets.set(connection, socket);
    let reason = "closed by the peer";
    socket.once("connect", () => {
      const local = localAddresses(socket.localAddress ?? "");
      if (local !== null) tell({ type: "TcpConnected", peer, connection, ...local });
    });
    socket.on("data", (octets) => tell({ type: "OctetsReceived", peer, connection, octets: new Uint8Array(octets) }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.once("end", () => socket.end());
    socket.once("close", () => closed(reason));
  };

  return {
    perform(effect) {
      const socket = sockets.get(effect.connection);
      switch (effect.type) {
        case "ConnectTcp":
          open(effect);
          return;
        case "SendOctets": {
          const { peer, connection, octets } = effect;
          // A failed write is followed by the close, which is told.
          socket?.write(octets, (error) => {
            if (error === null || error === undefined)
              tell({ type: "OctetsWritten", peer, connection, count: octets.length });
          });
          return;
        }
        case "CloseTcp":
          if (socket === undefined) return;
          if (!effect.graceful) {
            socket.destroy();
            return;
          }
          // Unread octets at close would turn into a reset, which can overtake the NOTIFICATION.
          socket.removeAllListeners("data");
          socket.resume();
          socket.end();
          setTimeout(() => socket.destroy(), LINGER).unref();
      }
    },
  };
}

/** The next hops that the peer can be told: the local end, and the other addresses of its interface. */
function localAddresses(text: string): LocalAddresses | null {
  const local = addressOf(text);
  if (local === null) return null;
  for (const addresses of Object.values(networkInterfaces())) {
    const own = (addresses ?? []).map(({ address }) => addressOf(address)).filter((address) => address !== null);
    if (!own.includes(local)) continue;
    const linkLocal = own.find((address) => familyOf(address) === "IPv6" && isLinkLocal(address));
    // The peer of an unnumbered session need not be on the subnet of an IPv4 address: RFC 8950 tells it the link-local one for both families.
    const otherFamily = isLinkLocal(local)
      ? undefined
      : own.find((address) => familyOf(address) !== familyOf(local) && !isLinkLocal(address));
    return {
      local,
      ...(otherFamily === undefined ? {} : { otherFamily }),
      ...(linkLocal === undefined ? {} : { linkLocal: linkLocal as Ipv6Address }),
    };
  }
  return { local };
}

function addressOf(text: string): IpAddress | null {
  const parsed = parseIpAddress(text.replace(/%.*$/, ""));
  return parsed.ok ? parsed.value : null;
}

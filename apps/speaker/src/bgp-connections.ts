import type { Socket } from "node:net";
import type { ConnectionId, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { connectTcp, setSocketTtl } from "@herald-lb/host";
import { BgpListeners } from "./bgp-listeners.ts";
import { localAddresses } from "./local-addresses.ts";

/** The time limit of an attempt to connect, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;
/** The time in which a peer must close its side after our NOTIFICATION, in milliseconds. */
const LINGER = 1_000;

type ConnectionEffect = Extract<
  SpeakerEffect,
  {
    type: "ConnectTcp" | "CloseTcp" | "SendOctets" | "ListenTcp" | "StopListening" | "AcceptTcp" | "RejectTcp";
  }
>;

/** The TCP connections of the BGP speaker: takes its effects, and turns what happens on the sockets into its events. */
export interface BgpConnections {
  readonly perform: (effect: ConnectionEffect) => void;
}

/** Makes connections for the effects of a BGP speaker; `tell` takes the events. */
export function createBgpConnections(tell: (event: SpeakerEvent) => void): BgpConnections {
  const sockets = new Map<ConnectionId, Socket>();
  const listeners = new BgpListeners(tell);

  const attach = (socket: Socket, peer: string, connection: ConnectionId): void => {
    let reason = "closed by the peer";
    sockets.set(connection, socket);
    socket.on("data", (octets) => tell({ type: "OctetsReceived", peer, connection, octets: new Uint8Array(octets) }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    socket.once("end", () => socket.end());
    socket.once("close", () => {
      sockets.delete(connection);
      tell({ type: "TcpClosed", peer, connection, reason });
    });
  };

  const accept = ({ peer, connection, ...effect }: Extract<ConnectionEffect, { type: "AcceptTcp" }>): void => {
    const socket = listeners.accept(connection);
    if (socket === null || socket.destroyed) {
      queueMicrotask(() => tell({ type: "TcpClosed", peer, connection, reason: "closed by the peer" }));
      return;
    }
    attach(socket, peer, connection);
    setSocketTtl(socket, ttlOptions(effect));
    socket.resume();
  };

  const open = (effect: Extract<ConnectionEffect, { type: "ConnectTcp" }>): void => {
    const { peer, connection } = effect;
    const opened = connectTcp({
      host: effect.address,
      port: effect.port,
      connectTimeoutMs: CONNECT_TIMEOUT,
      ...(effect.vrf === null ? {} : { device: effect.vrf }),
      ...(effect.interface === null ? {} : { zone: effect.interface }),
      ...(effect.sourceAddress === null ? {} : { sourceAddress: effect.sourceAddress }),
      ...(effect.password === null ? {} : { md5Password: effect.password }),
      ...ttlOptions(effect),
    });
    if (!opened.ok) {
      // The kernel refused an option or the source address: the BGPPeer does not fit this node.
      const { syscall, code } = opened.error;
      queueMicrotask(() => tell({ type: "TcpClosed", peer, connection, reason: `${syscall}: ${code}` }));
      return;
    }
    const socket = opened.value;
    attach(socket, peer, connection);
    socket.once("connect", () => {
      const local = localAddresses(socket.localAddress ?? "");
      if (local !== null) tell({ type: "TcpConnected", peer, connection, ...local });
    });
  };

  return {
    perform(effect) {
      switch (effect.type) {
        case "ListenTcp":
          listeners.listen(effect);
          return;
        case "StopListening":
          listeners.stop(effect.listener);
          return;
        case "AcceptTcp":
          accept(effect);
          return;
        case "RejectTcp":
          listeners.reject(effect.connection);
          return;
        case "ConnectTcp":
          open(effect);
          return;
        case "SendOctets": {
          const { peer, connection, octets } = effect;
          // A failed write is followed by the close, which is told.
          sockets.get(connection)?.write(octets, (error) => {
            if (error === null || error === undefined)
              tell({ type: "OctetsWritten", peer, connection, count: octets.length });
          });
          return;
        }
        case "CloseTcp":
          close(sockets.get(effect.connection), effect.graceful);
      }
    },
  };
}

function close(socket: Socket | undefined, graceful: boolean): void {
  if (socket === undefined) return;
  if (!graceful) {
    socket.destroy();
    return;
  }
  // Unread octets at close would turn into a reset, which can overtake the NOTIFICATION.
  socket.removeAllListeners("data");
  socket.resume();
  socket.end();
  setTimeout(() => socket.destroy(), LINGER).unref();
}

function ttlOptions({ ttl, minTtl }: Pick<Extract<ConnectionEffect, { type: "ConnectTcp" }>, "ttl" | "minTtl">): {
  ttl?: number;
  minTtl?: number;
} {
  return { ...(ttl === null ? {} : { ttl }), ...(minTtl === null ? {} : { minTtl }) };
}

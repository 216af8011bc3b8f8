import { connect, createServer, type Server, type Socket } from "node:net";
import type { StreamId } from "@herald-lb/membership";
import { err, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import type { StreamEffect, ToWorker } from "./worker/protocol.ts";

/** The number of streams that others may have open here at a time; each is one exchange of states, which is short. */
const MAX_STREAMS = 256;

/** The TCP part of the memberlist cluster, on the main thread: octets pass to the machine on the worker and back. */
export interface MembershipStreams {
  readonly perform: (effect: StreamEffect) => void;
  readonly close: () => void;
}

/** Listens at the transport address at which packets arrive too; the error is the system's code, for example `EADDRINUSE`. */
export async function openMembershipStreams(
  bind: { readonly address: IpAddress; readonly port: number },
  tell: (message: ToWorker) => void,
): Promise<Result<MembershipStreams, string>> {
  const sockets = new Map<StreamId, Socket>();
  let accepted = 0;

  const addSocket = (stream: StreamId, socket: Socket): void => {
    sockets.set(stream, socket);
    socket.on("data", (octets) => tell({ type: "StreamReceived", stream, octets: new Uint8Array(octets) }));
    // An error is always followed by the close, which the machine is told.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      sockets.delete(stream);
      tell({ type: "StreamClosed", stream });
    });
  };

  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const address = parseIpAddress((socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, ""));
    if (!address.ok) {
      socket.destroy();
      return;
    }
    const stream: StreamId = `accepted-${accepted++}`;
    tell({ type: "StreamAccepted", stream, from: { address: address.value, port: socket.remotePort ?? 0 } });
    addSocket(stream, socket);
  });
  server.maxConnections = MAX_STREAMS;
  const failure = await new Promise<string | null>((resolve) => {
    // A later error is one connection that could not be accepted: its peer tries again.
    server.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: bind.address, port: bind.port }, () => resolve(null));
  });
  if (failure !== null) return err(failure);

  return ok({
    perform(effect) {
      switch (effect.type) {
        case "OpenStream": {
          const socket = connect({ host: effect.to.address, port: effect.to.port, allowHalfOpen: true });
          addSocket(effect.stream, socket);
          // The other side has sent everything.
          socket.once("end", () => socket.end());
          socket.write(effect.octets);
          return;
        }
        case "ReplyStream":
          sockets.get(effect.stream)?.end(effect.octets);
          return;
        case "CloseStream":
          sockets.get(effect.stream)?.destroy();
          return;
      }
    },
    close() {
      server.close();
      for (const socket of sockets.values()) socket.destroy();
    },
  });
}

import { connect, createServer, type Server, type Socket } from "node:net";
import type { MembershipEffect, StreamId } from "@herald-lb/membership";
import { err, type IpAddress, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import type { ToWorker } from "./worker/protocol.ts";

/** Streams that others may have open here at the same time; each of them is a whole exchange of states, over in a moment. */
const MOST_STREAMS = 256;

type StreamEffect = Extract<MembershipEffect, { type: "OpenStream" | "ReplyStream" | "CloseStream" }>;

/** The TCP side of the ring, on the main thread: octets go through to the machine on the worker and back. */
export interface MembershipStreams {
  readonly perform: (effect: StreamEffect) => void;
  readonly close: () => void;
}

/** Listens where the ring's packets arrive as well; the error is the system's code, such as `EADDRINUSE`. */
export async function openMembershipStreams(
  bind: { readonly address: IpAddress; readonly port: number },
  tell: (message: ToWorker) => void,
): Promise<Result<MembershipStreams, string>> {
  const sockets = new Map<StreamId, Socket>();
  let accepted = 0;

  const adopt = (stream: StreamId, socket: Socket): void => {
    sockets.set(stream, socket);
    socket.on("data", (octets) => tell({ type: "StreamReceived", stream, octets: new Uint8Array(octets) }));
    // An error is always followed by the close, which is what the machine is told.
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
    adopt(stream, socket);
  });
  server.maxConnections = MOST_STREAMS;
  const trouble = await new Promise<string | null>((resolve) => {
    // What fails later is one connection that could not be accepted: its peer tries again.
    server.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: bind.address, port: bind.port }, () => resolve(null));
  });
  if (trouble !== null) return err(trouble);

  return ok({
    perform(effect) {
      switch (effect.type) {
        case "OpenStream": {
          const socket = connect({ host: effect.to.address, port: effect.to.port, allowHalfOpen: true });
          adopt(effect.stream, socket);
          // The other side has said all: what it did not say now never comes.
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

import { connect } from "node:net";

/** The end at which a collector of BMP listens. */
export interface BmpCollector {
  readonly host: string;
  readonly port: number;
}

/** The connection to a collector: octets go out, and nothing is expected back. */
export interface CollectorStream {
  readonly write: (octets: Uint8Array) => void;
  /** Octets that the kernel has not taken. */
  readonly waiting: () => number;
  /** Closes after what was written. */
  readonly end: () => void;
  /** Closes at once. */
  readonly destroy: () => void;
}

/** Callbacks for the connection. */
export interface CollectorEvents {
  readonly onOpen: () => void;
  /** The kernel took all that waited. */
  readonly onDrain: () => void;
  /** It is closed, or could not be opened; said once. */
  readonly onClose: (reason: string) => void;
}

/** Reads HOST:PORT, an IPv6 address in brackets; null where it is neither. */
export function readCollector(text: string): BmpCollector | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || !(port >= 1 && port <= 65_535) ? null : { host, port };
}

/** Opens a connection to a collector. */
export function connectToCollector({ host, port }: BmpCollector, events: CollectorEvents): CollectorStream {
  const socket = connect({ host, port, keepAlive: true });
  let reason = "closed by the collector";
  socket.once("connect", events.onOpen);
  socket.on("drain", events.onDrain);
  socket.on("error", (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  // RFC 7854 §3.2: a collector sends nothing.
  socket.resume();
  socket.once("close", () => events.onClose(reason));
  return {
    write: (octets) => void socket.write(octets),
    waiting: () => socket.writableLength,
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}

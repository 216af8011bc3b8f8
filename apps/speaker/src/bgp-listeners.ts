import type { Socket } from "node:net";
import type { ConnectionId, ListenerId, ListenerKey, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { listenTcp, type Md5Key, type TcpListener } from "@herald-lb/host";
import { addressInText, localAddresses } from "./local-addresses.ts";

type ListenTcp = Extract<SpeakerEffect, { type: "ListenTcp" }>;

/** The listeners of the BGP speaker, and the connections that wait for its word. */
export class BgpListeners {
  readonly #tell: (event: SpeakerEvent) => void;
  readonly #listeners = new Map<ListenerId, { readonly socket: TcpListener; readonly options: ListenTcp }>();
  readonly #waiting = new Map<ConnectionId, Socket>();
  #next: ConnectionId = -1;

  constructor(tell: (event: SpeakerEvent) => void) {
    this.#tell = tell;
  }

  /** Listens, or changes the keys of a listener that is there. */
  listen(options: ListenTcp): void {
    const { listener } = options;
    const known = this.#listeners.get(listener);
    if (known !== undefined && known.options.address === options.address) {
      const failure = changeKeys(known.socket, known.options.keys, options.keys);
      this.#listeners.set(listener, { socket: known.socket, options });
      this.#answer(listener, failure);
      return;
    }
    this.stop(listener);
    const opened = listenTcp({
      address: options.address,
      port: options.port,
      ...(options.vrf === null ? {} : { device: options.vrf }),
      md5Keys: options.keys.map(md5Key),
      onConnection: (socket) => this.#take(listener, socket),
    });
    if (!opened.ok) {
      this.#answer(listener, `${opened.error.syscall}: ${opened.error.code}`);
      return;
    }
    const { server } = opened.value;
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#listeners.get(listener)?.socket.server === server) this.#answer(listener, error.code ?? error.message);
    });
    this.#listeners.set(listener, { socket: opened.value, options });
    this.#answer(listener, null);
  }

  /** Ends a listener; accepted connections stay. */
  stop(listener: ListenerId): void {
    this.#listeners.get(listener)?.socket.server.close();
    this.#listeners.delete(listener);
  }

  /** The socket of a connection that the speaker takes; null where it has closed meanwhile. */
  accept(connection: ConnectionId): Socket | null {
    const socket = this.#waiting.get(connection) ?? null;
    this.#waiting.delete(connection);
    socket?.removeAllListeners("error");
    return socket;
  }

  /** Resets a connection: a close would leave this side with what waits after one. */
  reject(connection: ConnectionId): void {
    this.#waiting.get(connection)?.resetAndDestroy();
    this.#waiting.delete(connection);
  }

  /** Not at once: the effect that asked is being performed. */
  #answer(listener: ListenerId, reason: string | null): void {
    queueMicrotask(() =>
      this.#tell(reason === null ? { type: "Listening", listener } : { type: "ListenFailed", listener, reason }),
    );
  }

  #take(listener: ListenerId, socket: Socket): void {
    const address = addressInText(socket.remoteAddress ?? "");
    const local = localAddresses(socket.localAddress ?? "");
    if (address === null || local === null) {
      socket.destroy();
      return;
    }
    const connection = this.#next--;
    this.#waiting.set(connection, socket);
    socket.on("error", () => {});
    const [, zone = null] = (socket.remoteAddress ?? "").split("%");
    const port = socket.remotePort ?? 0;
    this.#tell({ type: "TcpAccepted", listener, connection, address, port, interface: zone, ...local });
  }
}

/** Sets the keys that are new and takes those away that are not wanted any more; returns what the kernel refused. */
function changeKeys(
  { setMd5Key }: TcpListener,
  before: readonly ListenerKey[],
  after: readonly ListenerKey[],
): string | null {
  const placeOf = ({ address, prefixLength }: ListenerKey): string => `${address}/${prefixLength}`;
  const wanted = new Set(after.map(placeOf));
  for (const key of before) if (!wanted.has(placeOf(key))) setMd5Key(md5Key({ ...key, password: "" }));
  for (const key of after) {
    const set = setMd5Key(md5Key(key));
    if (!set.ok) return `${set.error.syscall}: ${set.error.code}`;
  }
  return null;
}

function md5Key({ address, prefixLength, password }: ListenerKey): Md5Key {
  return { peer: address, password, ...(prefixLength === null ? {} : { prefixLength }) };
}

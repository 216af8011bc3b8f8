import type { SystemError } from "@herald-lb/host";
import { type Clock, instant, type Result } from "@herald-lb/sansio";

/** The pause before a socket that could not be opened is tried again, in milliseconds. */
const OPEN_PAUSE = 1_000;

/** The dependencies of a socket that is tried again. */
export interface RetriedSocketOptions<Socket> {
  readonly clock: Clock;
  readonly open: () => Result<Socket, SystemError>;
  readonly onOpen?: () => void;
  /** The failure of each attempt as the kernel names it, for example `bind: EADDRINUSE`; null once the socket is open. */
  readonly onProblem: (problem: string | null) => void;
}

/** A socket that is opened, and tried again while it cannot be, as before the node has its address. */
export class RetriedSocket<Socket extends { readonly close: () => void }> {
  readonly #options: RetriedSocketOptions<Socket>;
  #socket: Socket | null = null;
  #closed = false;

  constructor(options: RetriedSocketOptions<Socket>) {
    this.#options = options;
  }

  /** The socket; null while it is not open. */
  get current(): Socket | null {
    return this.#socket;
  }

  /** Opens the socket, now or later. */
  start(): void {
    if (this.#closed) return;
    const { clock, open, onOpen, onProblem } = this.#options;
    const socket = open();
    if (!socket.ok) {
      onProblem(`${socket.error.syscall}: ${socket.error.code}`);
      clock.wakeAt(instant(clock.now() + OPEN_PAUSE), () => this.start());
      return;
    }
    this.#socket = socket.value;
    onProblem(null);
    onOpen?.();
  }

  /** Closes the socket, and tries no more. */
  close(): void {
    this.#closed = true;
    this.#socket?.close();
    this.#socket = null;
  }
}

import type { Interface, InterfaceIndex } from "@herald-lb/arp-responder";
import type { SystemError } from "@herald-lb/host";
import type { Ipv6Address, Result } from "@herald-lb/sansio";

/** The sockets of one interface. */
export interface InterfaceSocket {
  /** Sends a whole Ethernet frame. A frame that cannot be sent now is lost, as on any wire. */
  readonly send: (frame: Uint8Array, protocol: "ARP" | "NDP") => void;
  /** Joins a solicited-node group. */
  readonly join: (group: Ipv6Address) => void;
  readonly leave: (group: Ipv6Address) => void;
  /** Discards the frames that wait to be read. */
  readonly discard: () => void;
  readonly close: () => void;
}

/** Opens the sockets of an interface. `onGone` tells that the interface went away while they were open. */
export type OpenInterface = (
  index: InterfaceIndex,
  onFrame: (frame: Uint8Array) => void,
  onGone: () => void,
) => Result<InterfaceSocket, SystemError>;

/** The consumers of frames and of lost interfaces. */
export interface InterfaceSocketsOptions {
  readonly open: OpenInterface;
  readonly onFrame: (on: InterfaceIndex, frame: Uint8Array) => void;
  /** The interface went away. Its sockets are closed already; netlink tells what exists now. */
  readonly onGone: (on: InterfaceIndex) => void;
}

/** The sockets of every interface on which addresses may be announced. */
export class InterfaceSockets {
  readonly #options: InterfaceSocketsOptions;
  readonly #sockets = new Map<InterfaceIndex, InterfaceSocket>();
  readonly #failed = new Map<InterfaceIndex, SystemError>();

  constructor(options: InterfaceSocketsOptions) {
    this.#options = options;
  }

  /** Opens the sockets of new interfaces and closes those of missing ones. Returns the interfaces whose sockets are open. */
  follow(interfaces: readonly Interface[]): readonly Interface[] {
    const present = new Set(interfaces.map(({ index }) => index));
    for (const index of this.#sockets.keys()) if (!present.has(index)) this.#close(index);
    this.#failed.clear();
    for (const { index } of interfaces) if (!this.#sockets.has(index)) this.#open(index);
    return interfaces.filter(({ index }) => this.#sockets.has(index));
  }

  /** The sockets of an interface; undefined where none are open. */
  on(index: InterfaceIndex): InterfaceSocket | undefined {
    return this.#sockets.get(index);
  }

  /** Discards what waits to be read on every interface. */
  discard(): void {
    for (const socket of this.#sockets.values()) socket.discard();
  }

  /** The reason why an interface has no sockets, for people; null where all have. */
  get problem(): string | null {
    const [first] = this.#failed;
    return first === undefined ? null : `interface ${first[0]}: ${first[1].syscall}: ${first[1].code}`;
  }

  /** Closes everything. */
  close(): void {
    for (const index of this.#sockets.keys()) this.#close(index);
  }

  #open(index: InterfaceIndex): void {
    const opened = this.#options.open(
      index,
      (frame) => this.#options.onFrame(index, frame),
      () => {
        this.#close(index);
        this.#options.onGone(index);
      },
    );
    if (opened.ok) this.#sockets.set(index, opened.value);
    // The interface went away between the snapshot and the socket: the next snapshot leaves it out.
    else if (opened.error.code !== "ENODEV" && opened.error.code !== "ENXIO") this.#failed.set(index, opened.error);
  }

  #close(index: InterfaceIndex): void {
    this.#sockets.get(index)?.close();
    this.#sockets.delete(index);
  }
}

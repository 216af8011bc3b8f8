import type { Interface, InterfaceIndex } from "@herald-lb/arp-responder";
import {
  type MulticastMembership,
  openMulticastMembership,
  openPacketSocket,
  type PacketSocket,
  type PollLoop,
  type SystemError,
} from "@herald-lb/host";
import type { Ipv6Address } from "@herald-lb/sansio";

/** What an interface needs to be answered on. */
interface Port {
  readonly sockets: { readonly ARP: PacketSocket; readonly NDP: PacketSocket };
  readonly groups: MulticastMembership;
}

/** What the ports report. */
export interface PortsOptions {
  readonly loop: PollLoop;
  readonly onFrame: (on: InterfaceIndex, frame: Uint8Array) => void;
  /** The interface went away while its sockets were open; the netlink socket tells what is there now. */
  readonly onGone: (on: InterfaceIndex) => void;
}

/** The raw sockets of every interface that addresses may be announced on. */
export class Ports {
  readonly #options: PortsOptions;
  readonly #ports = new Map<InterfaceIndex, Port>();
  readonly #failed = new Map<InterfaceIndex, SystemError>();

  constructor(options: PortsOptions) {
    this.#options = options;
  }

  /** Opens what is new and closes what is gone; returns the interfaces that frames can be heard on now. */
  follow(interfaces: readonly Interface[]): readonly Interface[] {
    const present = new Set(interfaces.map(({ index }) => index));
    for (const index of this.#ports.keys()) if (!present.has(index)) this.#close(index);
    this.#failed.clear();
    for (const { index } of interfaces) if (!this.#ports.has(index)) this.#open(index);
    return interfaces.filter(({ index }) => this.#ports.has(index));
  }

  /** Sends a whole Ethernet frame; what cannot be sent now is lost, as on any wire. */
  send(on: InterfaceIndex, frame: Uint8Array, protocol: "ARP" | "NDP"): void {
    this.#ports.get(on)?.sockets[protocol].send(frame);
  }

  /** Joins a solicited-node group on an interface. */
  join(on: InterfaceIndex, group: Ipv6Address): void {
    this.#ports.get(on)?.groups.join(group);
  }

  /** Leaves one. */
  leave(on: InterfaceIndex, group: Ipv6Address): void {
    this.#ports.get(on)?.groups.leave(group);
  }

  /** Why some interface has no sockets; null when all have. */
  get trouble(): string | null {
    const [first] = this.#failed;
    return first === undefined ? null : `interface ${first[0]}: ${first[1].syscall}: ${first[1].code}`;
  }

  /** How many interfaces have their sockets open. */
  get size(): number {
    return this.#ports.size;
  }

  /** Closes everything. */
  close(): void {
    for (const index of this.#ports.keys()) this.#close(index);
  }

  #open(index: InterfaceIndex): void {
    const open = (protocol: "ARP" | "NDP"): ReturnType<typeof openPacketSocket> =>
      openPacketSocket(this.#options.loop, {
        interfaceIndex: index,
        protocol,
        onFrame: (frame) => this.#options.onFrame(index, frame),
        onGone: () => {
          this.#close(index);
          this.#options.onGone(index);
        },
      });
    const arp = open("ARP");
    if (!arp.ok) {
      this.#fail(index, arp.error);
      return;
    }
    const ndp = open("NDP");
    if (!ndp.ok) {
      arp.value.close();
      this.#fail(index, ndp.error);
      return;
    }
    this.#ports.set(index, {
      sockets: { ARP: arp.value, NDP: ndp.value },
      groups: openMulticastMembership(index),
    });
  }

  #fail(index: InterfaceIndex, error: SystemError): void {
    // The interface went between the snapshot and the socket: the next snapshot says so.
    if (error.code !== "ENODEV" && error.code !== "ENXIO") this.#failed.set(index, error);
  }

  #close(index: InterfaceIndex): void {
    const port = this.#ports.get(index);
    if (port === undefined) return;
    this.#ports.delete(index);
    port.sockets.ARP.close();
    port.sockets.NDP.close();
    port.groups.close();
  }
}

import { instant, ok, type Result } from "@herald-lb/sansio";
import { arpFilter, type BpfProgram, ndpFilter } from "./bpf.ts";
import { AF, ETHERTYPE, NONBLOCK_CLOEXEC, PACKET_IGNORE_OUTGOING, SOCK } from "./linux-constants.ts";
import { DRAIN_LIMIT, type PollLoop } from "./poll-loop.ts";
import { encodeLinkAddress } from "./socket-address.ts";
import { attachFilter, bindTo, openSocket, setOption } from "./socket-options.ts";
import { errnoName, failed, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/** The protocols that a packet socket receives. */
export type PacketProtocol = "ARP" | "NDP";

const protocols: Readonly<Record<PacketProtocol, { readonly etherType: number; readonly filter: BpfProgram }>> = {
  ARP: { etherType: ETHERTYPE.ARP, filter: arpFilter },
  NDP: { etherType: ETHERTYPE.IPV6, filter: ndpFilter },
};

const sent: Result<void, never> = ok(undefined);

/** The delay after a link went down, before the check that the interface still exists, in milliseconds. */
const GONE_CHECK = 100;

/** The number of frames discarded at most: more than a receive buffer holds, so that a flood does not hold up the loop. */
const DISCARD_LIMIT = 10_000;

/** Octets of the longest frame that is sent by way of a buffer of the socket's own. */
const OUTGOING = 2048;

/** Options of a packet socket. */
export interface PacketSocketOptions {
  readonly interfaceIndex: number;
  readonly protocol: PacketProtocol;
  /** Takes a whole Ethernet frame: a view of the loop's receive buffer, valid during the call. */
  readonly onFrame: (frame: Uint8Array) => void;
  /** The interface was deleted: the socket is closed already and never works again; open one on the new index. Called at most once. */
  readonly onGone: () => void;
}

/** ARP or Neighbor Discovery on one interface. It survives the link going down and up. */
export interface PacketSocket {
  /**
   * Sends a whole Ethernet frame. Fails with `ENETDOWN` while the link is down, `ENOBUFS` where its queue is full, and `ENXIO` or
   * `ENODEV` when the interface is gone, upon which `onGone` was called.
   */
  readonly send: (frame: Uint8Array) => Result<void, SystemError>;
  /** Discards the frames that wait in the socket: they came while the loop stood still, and an answer to them would come too late. */
  readonly discard: () => void;
  /** Ends it; calling it again does nothing. */
  readonly close: () => void;
}

/**
 * Opens an AF_PACKET socket on `loop`. Needs CAP_NET_RAW. A packet socket and not an ICMPv6 one: a unicast solicitation for an address
 * that the kernel does not own reaches no ICMPv6 socket (RFC 4861 §7.3.3 sends such).
 */
export function openPacketSocket(loop: PollLoop, options: PacketSocketOptions): Result<PacketSocket, SystemError> {
  const { etherType, filter } = protocols[options.protocol];
  // Protocol 0 hears nothing until bind names one: a frame that came before the filter would be queued unfiltered.
  const opened = openSocket(AF.PACKET, SOCK.RAW | NONBLOCK_CLOEXEC, 0, [
    (fd) => attachFilter(fd, filter),
    (fd) => setOption(fd, PACKET_IGNORE_OUTGOING, 1),
    (fd) => bindTo(fd, encodeLinkAddress(etherType, options.interfaceIndex)),
  ]);
  if (!opened.ok) return opened;
  const fd = opened.value;
  // A small typed array gets memory outside the heap when its address is first asked for, which costs more than the copy.
  const outgoing = new Uint8Array(OUTGOING);
  // On a busy segment nearly all frames are of one length: the view of the last serves the next.
  let incoming = loop.receiveBuffer.subarray(0, 0);
  let open = true;
  let cancelCheck: (() => void) | null = null;

  const close = (): void => {
    if (!open) return;
    open = false;
    cancelCheck?.();
    unwatch();
    sys.close(fd);
  };
  const gone = (): void => {
    if (!open) return;
    close();
    options.onGone();
  };
  const checkLater = (): void => {
    cancelCheck?.();
    cancelCheck = loop.clock.wakeAt(instant(loop.clock.now() + GONE_CHECK), () => {
      cancelCheck = null;
      if (open && boundIndex(fd) !== options.interfaceIndex) gone();
    });
  };
  const transmit = (frame: Uint8Array): number => {
    if (frame.length > OUTGOING) return sys.send(fd, frame, frame.length, 0);
    outgoing.set(frame);
    return sys.send(fd, outgoing, frame.length, 0);
  };
  // A handler may close the socket in the middle of a drain.
  const isOpen = (): boolean => open;
  const discard = (): void => {
    for (let taken = 0; taken < DISCARD_LIMIT && isOpen(); taken++)
      if (sys.recv(fd, loop.receiveBuffer, loop.receiveBuffer.length, 0) < 0) return;
  };
  const receive = (): void => {
    for (let taken = 0; taken < DRAIN_LIMIT && isOpen(); taken++) {
      const length = sys.recv(fd, loop.receiveBuffer, loop.receiveBuffer.length, 0);
      if (length < 0) {
        const code = errnoName(sys.errno());
        // The kernel says ENETDOWN for a link that went down and for an interface that is being deleted; only later do they differ.
        if (code === "ENETDOWN") checkLater();
        else if (code === "ENXIO" || code === "ENODEV") gone();
        return;
      }
      if (loop.checkPause()) return discard();
      if (incoming.length !== length) incoming = loop.receiveBuffer.subarray(0, length);
      options.onFrame(incoming);
    }
  };
  const unwatch = loop.watch(fd, receive);

  return ok({
    send: (frame) => {
      if (!open) return failed("send", 9);
      if (transmit(frame) >= 0) return sent;
      const failure = failed("send", sys.errno());
      if (!failure.ok && (failure.error.code === "ENXIO" || failure.error.code === "ENODEV")) gone();
      return failure;
    },
    discard,
    close,
  });
}

/** The interface a packet socket is bound to; -1 once it was deleted. */
function boundIndex(fd: number): number {
  const address = Buffer.alloc(32);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(address.length);
  return sys.getsockname(fd, address, length) < 0 ? -1 : address.readInt32LE(4);
}

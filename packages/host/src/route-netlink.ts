import { instant, ok, type Result } from "@herald-lb/sansio";
import { createInterfaceTable, type NetworkInterface, type InterfaceTable, RTM } from "./interface-table.ts";
import { AF, CLOEXEC, NONBLOCK_CLOEXEC, SO_RCVBUF, SO_RCVTIMEO, SOCK } from "./linux-constants.ts";
import { decodeNetlinkMessages, encodeDumpRequest, type NetlinkMessage } from "./netlink-message.ts";
import { DRAIN_LIMIT, type PollLoop } from "./poll-loop.ts";
import { bindTo, openSocket, setOption } from "./socket-options.ts";
import { errnoName, failed, systemError, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/** `RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR`. */
const GROUPS = 0x111;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** The dump saw a change under way and may be inconsistent. */
const NLM_F_DUMP_INTR = 0x10;

/** The delay after a refused dump, before it is asked for again, in milliseconds. */
const DUMP_RETRY = 100;

/** Two dumps, one after the other, and events among them, into a fresh table. */
interface Dump {
  readonly table: InterfaceTable;
  /** Applies a message, and returns the next action: ask for the next dump, begin again, or nothing; a number is the kernel's error. */
  readonly apply: (message: NetlinkMessage) => "Pending" | "AskAddresses" | "Again" | "Complete" | number;
  readonly sequence: number;
}

function createDump(sequence: number): Dump {
  const table = createInterfaceTable();
  let interrupted = false;
  return {
    table,
    sequence,
    apply: (message) => {
      table.apply(message);
      const answersLinks = message.sequence === sequence;
      // Events carry sequence 0, and an abandoned dump its own: neither ends this one.
      if (!answersLinks && message.sequence !== sequence + 1) return "Pending";
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
      if (message.type === NLMSG_ERROR)
        return message.payload.length >= 4 ? Math.abs(message.payload.readInt32LE(0)) : 74;
      if (message.type !== NLMSG_DONE) return "Pending";
      if (answersLinks) return "AskAddresses";
      return interrupted ? "Again" : "Complete";
    },
  };
}

function send(fd: number, request: Buffer): Result<void, SystemError> {
  return sys.send(fd, request, request.length, 0) < 0 ? failed("send netlink", sys.errno()) : ok(undefined);
}

function netlinkAddress(groups: number): Buffer {
  const octets = Buffer.alloc(12);
  octets.writeUInt16LE(AF.NETLINK, 0);
  octets.writeUInt32LE(groups, 8);
  return octets;
}

/** Reads all interfaces once, in some hundred microseconds, without a loop. Needs no capability. */
export function readInterfaces(): Result<readonly NetworkInterface[], SystemError> {
  const timeout = Buffer.alloc(16);
  timeout.writeUInt32LE(1);
  const opened = openSocket(AF.NETLINK, SOCK.RAW | CLOEXEC, 0, [
    (fd) => setOption(fd, SO_RCVTIMEO, timeout),
    (fd) => bindTo(fd, netlinkAddress(0)),
  ]);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const buffer = Buffer.allocUnsafeSlow(65_536);
  let dump = createDump(1);
  try {
    let sent = send(fd, encodeDumpRequest(RTM.GETLINK, dump.sequence));
    while (sent.ok) {
      const length = sys.recv(fd, buffer, buffer.length, 0);
      if (length < 0) return failed("recv netlink", sys.errno());
      for (const message of decodeNetlinkMessages(buffer.subarray(0, length))) {
        const next = dump.apply(message);
        if (next === "Complete") return ok(dump.table.snapshot());
        if (typeof next === "number") return failed("netlink dump", next);
        if (next === "AskAddresses") sent = send(fd, encodeDumpRequest(RTM.GETADDR, dump.sequence + 1));
        if (next === "Again") {
          dump = createDump(dump.sequence + 2);
          sent = send(fd, encodeDumpRequest(RTM.GETLINK, dump.sequence));
        }
      }
    }
    return sent;
  } finally {
    sys.close(fd);
  }
}

/** The consumer of `watchInterfaces`. */
export interface InterfaceObserver {
  /** All interfaces, first as soon as they are known, then after each change. Not called when nothing in the value differs. */
  readonly onChange: (interfaces: readonly NetworkInterface[]) => void;
  /** The kernel refused a dump; the last snapshot stands, and the dump is asked for again after 100 ms. */
  readonly onError: (error: SystemError) => void;
}

/** Follows the interfaces of the network namespace on `loop`. The returned function ends it. Needs no capability. */
export function watchInterfaces(loop: PollLoop, observer: InterfaceObserver): Result<() => void, SystemError> {
  const opened = openSocket(AF.NETLINK, SOCK.RAW | NONBLOCK_CLOEXEC, 0, [
    (fd) => setOption(fd, SO_RCVBUF, 1 << 20),
    (fd) => bindTo(fd, netlinkAddress(GROUPS)),
  ]);
  if (!opened.ok) return opened;
  const fd = opened.value;
  let open = true;
  let dump = createDump(1);
  let complete = false;
  let lost = false;
  let last = "";
  let cancelRetry = (): void => {};

  const ask = (type: number, sequence: number): void => {
    const sent = send(fd, encodeDumpRequest(type, sequence));
    if (!sent.ok) observer.onError(sent.error);
  };
  const restart = (): void => {
    lost = false;
    complete = false;
    cancelRetry();
    dump = createDump(dump.sequence + 2);
    ask(RTM.GETLINK, dump.sequence);
  };
  const take = (message: NetlinkMessage): void => {
    const next = dump.apply(message);
    if (next === "AskAddresses") ask(RTM.GETADDR, dump.sequence + 1);
    else if (next === "Complete") complete = true;
    else if (next === "Again") restart();
    else if (typeof next === "number") {
      // EBUSY is no failure: an abandoned dump is still being delivered, and there is one at a time on a socket.
      const error = systemError("netlink dump", next);
      if (error.code !== "EBUSY") observer.onError(error);
      cancelRetry();
      cancelRetry = loop.clock.wakeAt(instant(loop.clock.now() + DUMP_RETRY), restart);
    }
  };
  const report = (): void => {
    if (!complete || lost || !open) return;
    const interfaces = dump.table.snapshot();
    const text = JSON.stringify(interfaces);
    if (text === last) return;
    last = text;
    observer.onChange(interfaces);
  };
  // A handler may close the socket in the middle of a drain.
  const isOpen = (): boolean => open;
  const receive = (): void => {
    for (let taken = 0; taken < DRAIN_LIMIT && isOpen(); taken++) {
      const length = sys.recv(fd, loop.receiveBuffer, loop.receiveBuffer.length, 0);
      if (length < 0) {
        const code = errnoName(sys.errno());
        // Events were lost: what the table says cannot be trusted. The new dump waits until the queue is empty, for while it is full
        // its answer would be lost as well.
        if (code === "ENOBUFS") {
          lost = true;
          continue;
        }
        if (lost) restart();
        break;
      }
      for (const message of decodeNetlinkMessages(Buffer.from(loop.receiveBuffer.buffer, 0, length))) take(message);
    }
    report();
  };
  const unwatch = loop.watch(fd, receive);
  ask(RTM.GETLINK, dump.sequence);

  return ok(() => {
    if (!open) return;
    open = false;
    cancelRetry();
    unwatch();
    sys.close(fd);
  });
}

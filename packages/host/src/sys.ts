import koffi from "koffi";

// Integers and Buffers only, synchronous calls only: the simplest path through koffi, and the one that was measured.
// `load(null)` is the process itself: no libc file name, the same on glibc and musl.
const libc = koffi.load(null);

/** Octets that a call reads or fills: passed by pointer, never copied. */
type Pointer = Uint8Array | null;

/**
 * The system calls Herald makes. Each returns what C returns: -1 for a failure, whose number `errno()` gives when it is
 * called next, before anything else.
 */
export interface Sys {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Pointer, length: number) => number;
  readonly listen: (fd: number, backlog: number) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: Pointer, length: number) => number;
  readonly getsockname: (fd: number, address: Pointer, length: Pointer) => number;
  readonly recv: (fd: number, into: Pointer, length: number, flags: number) => number;
  readonly send: (fd: number, octets: Pointer, length: number, flags: number) => number;
  readonly recvfrom: (
    fd: number,
    into: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: Pointer,
  ) => number;
  readonly recvmsg: (fd: number, header: Pointer, flags: number) => number;
  readonly sendto: (
    fd: number,
    octets: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: number,
  ) => number;
  readonly poll: (pollfds: Pointer, count: number, timeoutMs: number) => number;
  readonly clock_gettime: (clock: number, into: Pointer) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  readonly read: (fd: number, into: Pointer, length: number) => number;
  readonly open: (path: string, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly setns: (fd: number, type: number) => number;
  readonly if_nametoindex: (name: string) => number;
  /** The number of the last failure on this thread. */
  readonly errno: () => number;
  /** The address of octets in memory: valid while the caller holds them. */
  readonly addressOf: (octets: Uint8Array) => bigint;
}

const declare = <F>(definition: string): F => libc.func(definition) as F;

/** The one adapter to libc. */
export const sys: Sys = {
  socket: declare("int socket(int, int, int)"),
  bind: declare("int bind(int, void *, uint32_t)"),
  listen: declare("int listen(int, int)"),
  setsockopt: declare("int setsockopt(int, int, int, void *, uint32_t)"),
  getsockname: declare("int getsockname(int, void *, void *)"),
  recv: declare("intptr_t recv(int, void *, size_t, int)"),
  send: declare("intptr_t send(int, void *, size_t, int)"),
  recvfrom: declare("intptr_t recvfrom(int, void *, size_t, int, void *, void *)"),
  recvmsg: declare("intptr_t recvmsg(int, void *, int)"),
  sendto: declare("intptr_t sendto(int, void *, size_t, int, void *, uint32_t)"),
  poll: declare("int poll(void *, unsigned long, int)"),
  clock_gettime: declare("int clock_gettime(int, void *)"),
  eventfd: declare("int eventfd(unsigned int, int)"),
  read: declare("intptr_t read(int, void *, size_t)"),
  open: declare("int open(const char *, int)"),
  close: declare("int close(int)"),
  setns: declare("int setns(int, int)"),
  if_nametoindex: declare("unsigned int if_nametoindex(const char *)"),
  errno: () => koffi.errno(),
  addressOf: (octets) => koffi.address(octets),
};

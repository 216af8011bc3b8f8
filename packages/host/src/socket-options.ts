import { type IpFamily, ok, type Result } from "@herald-lb/sansio";
import { type BpfProgram, encodeBpf, sockFprog } from "./bpf.ts";
import { IP_TTL, IPV6_UNICAST_HOPS, SO_ATTACH_FILTER, SO_BINDTODEVICE, type SocketOption } from "./linux-constants.ts";
import { failed, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";

/** Sets an option; an integer goes as a C `int`. */
export function setOption(fd: number, option: SocketOption, value: number | Buffer): Result<void, SystemError> {
  const octets = typeof value === "number" ? Buffer.alloc(4) : value;
  if (typeof value === "number") octets.writeInt32LE(value);
  if (sys.setsockopt(fd, option.level, option.option, octets, octets.length) < 0)
    return failed(`setsockopt ${option.name}`, sys.errno());
  return ok(undefined);
}

/** Attaches a filter, which the kernel copies. */
export function attachFilter(fd: number, program: BpfProgram): Result<void, SystemError> {
  const octets = encodeBpf(program);
  return setOption(fd, SO_ATTACH_FILTER, sockFprog(octets));
}

/** Binds to an interface or VRF by name. */
export function bindToDevice(fd: number, device: string): Result<void, SystemError> {
  return setOption(fd, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
}

/** Sets the TTL or hop limit of what the socket sends by unicast. */
export function setTtl(fd: number, family: IpFamily, ttl: number): Result<void, SystemError> {
  return setOption(fd, family === "IPv4" ? IP_TTL : IPV6_UNICAST_HOPS, ttl);
}

/** Binds to an encoded socket address. */
export function bindTo(fd: number, address: Buffer): Result<void, SystemError> {
  return sys.bind(fd, address, address.length) < 0 ? failed("bind", sys.errno()) : ok(undefined);
}

/** A new descriptor on which every step succeeded; at the first failure it is closed, and the failure is the answer. */
export function openSocket(
  family: number,
  type: number,
  protocol: number,
  steps: readonly ((fd: number) => Result<void, SystemError>)[],
): Result<number, SystemError> {
  const fd = sys.socket(family, type, protocol);
  if (fd < 0) return failed("socket", sys.errno());
  for (const step of steps) {
    const done = step(fd);
    if (done.ok) continue;
    sys.close(fd);
    return done;
  }
  return ok(fd);
}

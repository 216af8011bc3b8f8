import { createServer, type Server, Socket } from "node:net";
import { familyOf, type IpAddress, type IpFamily, ok, type Result } from "@herald-lb/sansio";
import { IP_MINTTL, IPV6_MINHOPCOUNT, IPV6_V6ONLY, NONBLOCK_CLOEXEC, SO_REUSEADDR, SOCK } from "./linux-constants.ts";
import { encodeSocketAddress, familyNumber } from "./socket-address.ts";
import { bindTo, bindToDevice, openSocket, setOption, setTtl } from "./socket-options.ts";
import { failed, type SystemError } from "./system-error.ts";
import { sys } from "./sys.ts";
import { type Md5Key, setMd5Key } from "./tcp-md5.ts";

/** Options of a TCP socket before it connects or listens. */
export interface TcpOptions {
  /** Binds to this interface or VRF. */
  readonly device?: string;
  /** TTL or hop limit of outgoing packets: 255 with GTSM (RFC 5082 §3), 1 for an eBGP peer on the link. */
  readonly ttl?: number;
  /** Segments with a lower TTL or hop limit are dropped: 255 with GTSM for a peer on the link. */
  readonly minTtl?: number;
}

/** Options of a connection. */
export interface ConnectOptions extends TcpOptions {
  readonly host: IpAddress;
  readonly port: number;
  /** The interface's name, where `host` is link-local IPv6. */
  readonly zone?: string;
  readonly sourceAddress?: IpAddress;
  /** The key of TCP MD5 (RFC 2385). With a wrong key the connection times out. */
  readonly md5Password?: string;
  /** After so many milliseconds without a connection the socket is destroyed with an error of code `ETIMEDOUT`. */
  readonly connectTimeoutMs: number;
}

type Step = (fd: number) => Result<void, SystemError>;

function setMinTtl(fd: number, family: IpFamily, minTtl: number): Result<void, SystemError> {
  return setOption(fd, family === "IPv4" ? IP_MINTTL : IPV6_MINHOPCOUNT, minTtl);
}

function commonSteps(family: IpFamily, { device, ttl, minTtl }: TcpOptions): Step[] {
  const steps: Step[] = [];
  if (device !== undefined) steps.push((fd) => bindToDevice(fd, device));
  if (ttl !== undefined) steps.push((fd) => setTtl(fd, family, ttl));
  if (minTtl !== undefined) steps.push((fd) => setMinTtl(fd, family, minTtl));
  return steps;
}

/**
 * Begins a TCP connection whose options hold from the first segment. The answer is an ordinary `net.Socket` that tells of `connect` or
 * `error` and `close`; a failed `Result` is what the kernel refused before (`ENODEV`, `EADDRNOTAVAIL`, `EINVAL`).
 */
export function connectTcp(options: ConnectOptions): Result<Socket, SystemError> {
  const { host, port, zone, sourceAddress, md5Password } = options;
  const family = familyOf(host);
  const scopeId = zone === undefined ? 0 : sys.if_nametoindex(zone);
  if (zone !== undefined && scopeId === 0) return failed("if_nametoindex", sys.errno());
  const steps = commonSteps(family, options);
  if (md5Password !== undefined) steps.push((fd) => setMd5Key(fd, { peer: host, password: md5Password }));
  if (sourceAddress !== undefined)
    steps.push((fd) => bindTo(fd, encodeSocketAddress({ address: sourceAddress, port: 0, scopeId })));
  const opened = openSocket(familyNumber(family), SOCK.STREAM | NONBLOCK_CLOEXEC, 0, steps);
  if (!opened.ok) return opened;

  const socket = new Socket({ fd: opened.value, readable: true, writable: true });
  // In the same turn as the constructor: a descriptor that is not connected would be reported as hung up.
  socket.connect({ host: zone === undefined ? host : `${host}%${zone}`, port });
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`connect to ${host} timed out`), { code: "ETIMEDOUT", syscall: "connect" }));
  }, options.connectTimeoutMs);
  socket.once("connect", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  return ok(socket);
}

/** Sets the TTL or hop limit of what an open connection sends, and the least of what it takes from now on. */
export function setSocketTtl(
  socket: Socket,
  { ttl, minTtl }: Pick<TcpOptions, "ttl" | "minTtl">,
): Result<void, SystemError> {
  // Node has no public way to the descriptor of an accepted socket; this one has been there since its first versions.
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: number } | null };
  const fd = handle?.fd ?? -1;
  if (fd < 0) return failed("setsockopt IP_TTL", 9);
  const family = socket.localFamily === "IPv6" ? "IPv6" : "IPv4";
  const sent = ttl === undefined ? ok(undefined) : setTtl(fd, family, ttl);
  return sent.ok && minTtl !== undefined ? setMinTtl(fd, family, minTtl) : sent;
}

/** Options of a listener. */
export interface ListenOptions extends TcpOptions {
  /** The local address; `0.0.0.0` or `::` for all of that family (`::` does not take IPv4). */
  readonly address: IpAddress;
  readonly port: number;
  readonly md5Keys?: readonly Md5Key[];
  /** Takes a connection, which reads nothing before `resume` is called. */
  readonly onConnection: (socket: Socket) => void;
}

/** A listener. */
export interface TcpListener {
  /** Tells of `listening`, `error` and `close`. */
  readonly server: Server;
  /** Sets a peer's key for connections still to come; an empty password removes it (`ENOENT` if there was none). */
  readonly setMd5Key: (key: Md5Key) => Result<void, SystemError>;
}

/** Listens with options that every accepted connection inherits: TTL, minimal TTL, device, the peer's key. */
export function listenTcp(options: ListenOptions): Result<TcpListener, SystemError> {
  const family = familyOf(options.address);
  const steps: Step[] = [(fd) => setOption(fd, SO_REUSEADDR, 1)];
  if (family === "IPv6") steps.push((fd) => setOption(fd, IPV6_V6ONLY, 1));
  steps.push(...commonSteps(family, options));
  for (const key of options.md5Keys ?? []) steps.push((fd) => setMd5Key(fd, key));
  steps.push((fd) => bindTo(fd, encodeSocketAddress({ address: options.address, port: options.port, scopeId: 0 })));
  // Node would listen too, but tell of a port in use only later, as an event.
  steps.push((fd) => (sys.listen(fd, 128) < 0 ? failed("listen", sys.errno()) : ok(undefined)));
  const opened = openSocket(familyNumber(family), SOCK.STREAM | NONBLOCK_CLOEXEC, 0, steps);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const server = createServer({ pauseOnConnect: true }, options.onConnection);
  let closed = false;
  server.once("close", () => {
    closed = true;
  });
  server.listen({ fd });
  return ok({ server, setMd5Key: (key) => (closed ? failed("setsockopt TCP_MD5SIG", 9) : setMd5Key(fd, key)) });
}

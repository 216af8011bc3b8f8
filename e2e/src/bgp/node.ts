/**
 * A node that announces two Services' addresses to the peers named in its arguments, over plain sockets: NAME=ADDRESS=AS, or NAME=ADDRESS=AS=OPTIONS
 * with more of a `PeerConfig` as JSON. HERALD_ROUTES is a number of further routes to IPv6 prefixes.
 */
import { connect, type Socket } from "node:net";
import {
  createSpeaker,
  createSpeakerState,
  type DesiredRoute,
  type PeerConfig,
  type SpeakerEffect,
} from "@herald-lb/bgp-speaker";
import {
  createDriver,
  instant,
  type IpAddress,
  type IpPrefix,
  type Ipv4Address,
  parseIpAddress,
  parsePrefix,
} from "@herald-lb/sansio";

const address = (text: string): IpAddress => {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(`address ${text}`);
  return parsed.value;
};
const route = (text: string): DesiredRoute => {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new Error(`prefix ${text}`);
  const value: IpPrefix = prefix.value;
  return { prefix: value, nextHop: "self", peers: "all" };
};

const sockets = new Map<number, Socket>();
const driver = createDriver({
  machine: createSpeaker({ localAs: 65010, bgpIdentifier: address("192.0.2.10") as Ipv4Address }),
  initial: createSpeakerState(process.pid),
  clock: {
    now: () => instant(performance.now()),
    wakeAt(at, wake) {
      const timer = setTimeout(wake, Math.max(0, at - performance.now()));
      return () => clearTimeout(timer);
    },
  },
  perform,
});

function perform(effect: SpeakerEffect): void {
  if (effect.type === "ConnectTcp") return open(effect);
  if (effect.type === "SendOctets") {
    const { peer, connection, octets } = effect;
    const written = (): void => driver.dispatch({ type: "OctetsWritten", peer, connection, count: octets.length });
    sockets.get(connection)?.write(octets, written);
  } else if (effect.type === "CloseTcp") {
    const socket = sockets.get(effect.connection);
    if (effect.graceful) socket?.end();
    else socket?.destroy();
  } else if (effect.type === "Stopped") driver.stop();
}

function open({
  peer,
  connection,
  address: to,
  port,
  sourceAddress,
}: Extract<SpeakerEffect, { readonly type: "ConnectTcp" }>): void {
  const socket = connect({ host: to, port, ...(sourceAddress === null ? {} : { localAddress: sourceAddress }) });
  let reason = "closed";
  sockets.set(connection, socket);
  socket.on("connect", () => {
    const otherFamily = address(to.includes(":") ? "192.0.2.10" : "2001:db8::10");
    driver.dispatch({ type: "TcpConnected", peer, connection, local: address(socket.localAddress ?? ""), otherFamily });
  });
  socket.on("data", (octets) => driver.dispatch({ type: "OctetsReceived", peer, connection, octets }));
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => driver.dispatch({ type: "TcpClosed", peer, connection, reason }));
}

const routes = new Map([
  ["web", [route("203.0.113.7/32"), route("2001:db8:100::7/128")]],
  ["gone", [route("203.0.113.9/32"), route("2001:db8:100::9/128")]],
]);
const many = Array.from({ length: Number(process.env["HERALD_ROUTES"] ?? 0) }, (_, n) =>
  route(`2001:db8:200::${n.toString(16)}/128`),
);
if (many.length > 0) routes.set("many", many);
driver.dispatch({ type: "RoutesDesired", changes: routes });
driver.dispatch({
  type: "PeersConfigured",
  peers: process.argv.slice(2).map((word) => {
    const [name = "", peer = "", as = "", options = "{}"] = word.split("=");
    return {
      name,
      address: address(peer),
      peerAs: Number(as),
      connectTime: 2,
      holdTime: 9,
      families: ["IPv4", "IPv6"],
      ...(JSON.parse(options) as Partial<PeerConfig>),
    };
  }),
});
process.on("SIGUSR2", () => driver.dispatch({ type: "RoutesDesired", changes: new Map([["gone", []]]) }));
process.on("SIGTERM", () => driver.dispatch({ type: "Stop", communication: "herald stops" }));

import { createSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import {
  createMembership,
  type TransportAddress,
  fast,
  initialMembership,
  lan,
  type MembershipConfig,
  type MembershipEffect,
  membersOf,
  nodeName,
  serfVersions,
} from "@herald-lb/membership";
import { type Clock, createDriver, instant, parseIpAddress } from "@herald-lb/sansio";

// One node of a cluster as a process: sockets and a clock around the machine, and its view as a line of JSON whenever it changes.
// The members' incarnations are lines of their own. SIGTERM leaves the cluster first.

const { values } = parseArgs({
  options: {
    name: { type: "string" },
    address: { type: "string" },
    port: { type: "string", default: "7946" },
    /** Hexadecimal; none for a cluster without encryption. */
    key: { type: "string", default: "" },
    /** Addresses, separated by commas. */
    peers: { type: "string", default: "" },
    profile: { type: "string", default: "fast" },
  },
});

function endpointOf(address: string, port: number): TransportAddress {
  const parsed = parseIpAddress(address);
  if (!parsed.ok) throw new Error(`address malformed: ${address}`);
  return { address: parsed.value, port };
}

const advertise = endpointOf(values.address ?? "", Number(values.port));
const config: MembershipConfig = {
  name: nodeName(values.name ?? ""),
  advertise,
  profile: values.profile === "lan" ? lan : fast,
  keyring: values.key === "" ? [] : [Uint8Array.from(Buffer.from(values.key, "hex"))],
  seed: crypto.getRandomValues(new Uint8Array(32)),
  versions: serfVersions,
};

const clock: Clock = {
  now: () => instant(performance.now()),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.max(0, at - performance.now()));
    return () => clearTimeout(timer);
  },
};

const udp = createSocket(advertise.address.includes(":") ? "udp6" : "udp4");
const streams = new Map<string, Socket>();
let accepted = 0;
let printedIncarnations = "";

const driver = createDriver({
  machine: createMembership(config),
  initial: initialMembership(config),
  clock,
  perform,
});

function perform(effect: MembershipEffect): void {
  printIncarnations();
  switch (effect.type) {
    case "SendPacket":
      udp.send(effect.octets, effect.to.port, effect.to.address);
      return;
    case "OpenStream":
      attend(effect.stream, connect(effect.to.port, effect.to.address)).write(effect.octets);
      return;
    case "ReplyStream":
      streams.get(effect.stream)?.end(effect.octets);
      return;
    case "CloseStream":
      streams.get(effect.stream)?.destroy();
      return;
    case "MembersChanged":
      print();
      return;
    case "SessionsDesired":
    case "DeathDeclared":
    case "NodeDataChanged":
    case "MembershipConfirmed":
      return;
    case "LeaveCompleted":
      process.exit(0);
      return;
    case "DeathRefuted":
    case "Ignored":
      process.stderr.write(`${JSON.stringify(effect)}\n`);
  }
}

function attend(stream: string, socket: Socket): Socket {
  streams.set(stream, socket);
  socket.on("data", (octets) => driver.dispatch({ type: "StreamReceived", stream, octets }));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    streams.delete(stream);
    driver.dispatch({ type: "StreamClosed", stream });
  });
  return socket;
}

function print(): void {
  const members = Object.fromEntries(membersOf(driver.state).map((member) => [member.name, member.state]));
  process.stdout.write(`${JSON.stringify({ at: Date.now(), members })}\n`);
}

/** Prints the incarnations where they changed; a refuted suspicion changes them and nothing that `MembersChanged` tells. */
function printIncarnations(): void {
  const known = [...driver.state.members.values()].map(({ name, incarnation }) => [name, incarnation]);
  const line = JSON.stringify({ incarnations: Object.fromEntries(known) });
  if (line === printedIncarnations) return;
  printedIncarnations = line;
  process.stdout.write(`${line}\n`);
}

udp.on("message", (octets, from) =>
  driver.dispatch({ type: "PacketReceived", from: endpointOf(from.address, from.port), octets }),
);
udp.on("error", () => {
  // A peer's closed port comes back as an error on some sends; the machine finds out by itself.
});
const server = createServer((socket) => {
  const stream = `accept-${++accepted}`;
  const from = endpointOf(socket.remoteAddress ?? advertise.address, socket.remotePort ?? 0);
  attend(stream, socket);
  driver.dispatch({ type: "StreamAccepted", stream, from });
});
process.on("SIGTERM", () => driver.dispatch({ type: "LeaveRequested" }));

await new Promise<void>((resolve) => void udp.bind(advertise.port, advertise.address, resolve));
await new Promise<void>((resolve) => void server.listen(advertise.port, advertise.address, resolve));
driver.dispatch({ type: "Started" });
const peers = (values.peers ?? "").split(",").filter((peer) => peer !== "");
driver.dispatch({ type: "PeersDesired", peers: peers.map((peer) => endpointOf(peer, 7946)) });
print();

/**
 * One side of BFD sessions as a process: the machine on UDP sockets and a clock. Its argument is the JSON of the sessions by name; a line
 * of JSON on standard input replaces them. It prints each change of a session, and each reason of an ignored packet, as a line of JSON.
 */
import { createSocket, type Socket } from "node:dgram";
import { createInterface } from "node:readline";
import { type BfdEffect, createBfd, createBfdState, type SessionConfig, sessionsOf } from "@herald-lb/bfd";
import { type Clock, createDriver, instant, type IpAddress, parseIpAddress } from "@herald-lb/sansio";

/** The ports of RFC 5881 §4: to the peer, and of the source. */
const PORT = 3784;
const SOURCE_PORT = 49_152;

interface Wanted {
  readonly remote: IpAddress;
  readonly interval: number;
  readonly detectMult: number;
  readonly role?: SessionConfig["role"];
  readonly administrativelyDown?: boolean;
  readonly authentication?: {
    readonly type: NonNullable<SessionConfig["authentication"]>["type"];
    readonly keys: readonly [number, string][];
  };
}

const clock: Clock = {
  now: () => instant(performance.now()),
  wakeAt(at, wake) {
    const timer = setTimeout(wake, Math.max(0, at - performance.now()));
    return () => clearTimeout(timer);
  },
};
const config = { seed: crypto.getRandomValues(new Uint8Array(32)), pauseTolerance: 10 };
const driver = createDriver({ machine: createBfd(config), initial: createBfdState(config), perform, clock });
const senders = new Map<"udp4" | "udp6", Socket>();
const interfaceIndex = 2;

for (const type of ["udp4", "udp6"] as const) {
  const receiver = createSocket({ type, ipv6Only: type === "udp6" });
  receiver.on("message", (octets, { address }) => {
    const from = parseIpAddress(address.replace(/%.*$/, ""));
    if (!from.ok) return;
    // The kernel of the test drops what has a lower TTL; Node does not tell it.
    const event = {
      type: "PacketReceived",
      octets,
      from: from.value,
      hops: "single",
      interface: interfaceIndex,
      ttl: null,
    } as const;
    driver.dispatch(event);
  });
  receiver.bind(PORT);
  const sender = createSocket({ type, ipv6Only: type === "udp6" });
  sender.bind(SOURCE_PORT, () => sender.setTTL(255));
  senders.set(type, sender);
}

function perform(effect: BfdEffect): void {
  if (effect.type === "SendPacket")
    senders.get(effect.to.includes(":") ? "udp6" : "udp4")?.send(effect.octets, effect.port, effect.to);
  else {
    const views = sessionsOf(driver.state);
    process.stdout.write(`${JSON.stringify({ at: performance.now(), ...effect, views })}\n`);
  }
}

function desire(json: string): void {
  const wanted = JSON.parse(json) as Record<string, Wanted>;
  const sessions = Object.entries(wanted).map(([name, each]): [string, SessionConfig] => [
    name,
    {
      remote: each.remote,
      port: PORT,
      hops: "single",
      interface: interfaceIndex,
      minimumTtl: 255,
      role: each.role ?? "active",
      desiredMinTxInterval: each.interval,
      requiredMinRxInterval: each.interval,
      detectMult: each.detectMult,
      administrativelyDown: each.administrativelyDown ?? false,
      authentication:
        each.authentication === undefined
          ? null
          : {
              type: each.authentication.type,
              keys: each.authentication.keys.map(([id, text]) => ({
                id,
                secret: new TextEncoder().encode(text),
              })) as never,
            },
    },
  ]);
  driver.dispatch({ type: "SessionsDesired", sessions: new Map(sessions) });
}

setTimeout(() => desire(process.argv[2] ?? "{}"), 100);
createInterface({ input: process.stdin }).on("line", desire);
process.on("SIGTERM", () => {
  driver.dispatch({ type: "SessionsDesired", sessions: new Map() });
  setTimeout(() => process.exit(0), 50);
});

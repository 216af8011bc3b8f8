import { type Instant, instant, type IpPrefix, type Ipv4Address } from "@herald-lb/sansio";
import type { PeerConfig } from "../peer-config.ts";
import type { DesiredRoute } from "../rib/route.ts";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import type { SpeakerEffect } from "./effect.ts";
import type { ConnectionId, ListenerId, SpeakerEvent } from "./event.ts";
import { createSpeaker, createSpeakerState } from "./speaker.ts";
import type { SpeakerState } from "./state.ts";

const LOCAL = "192.0.2.10" as Ipv4Address;
const ROUTERS: readonly PeerConfig[] = [
  { name: "active", address: "192.0.2.1" as Ipv4Address, peerAs: 65001 },
  { name: "passive", address: "192.0.2.2" as Ipv4Address, peerAs: 65001, connectionMode: "passive", delayOpenTime: 5 },
  {
    name: "both",
    address: "192.0.2.3" as Ipv4Address,
    peerAs: "external",
    connectionMode: "both",
    gracefulRestart: { restartTime: 120 },
    addPath: "SendReceive",
    families: ["IPv4", "IPv6"],
  },
  { name: "range", prefix: "192.0.2.0/24" as IpPrefix, peerAs: 65001, maxSessions: 3 },
];
/** Every message that a session can receive, well formed; the walk breaks some. */
const MESSAGES: readonly Uint8Array[] = [
  peerOpen(),
  peerOpen(),
  KEEPALIVE,
  KEEPALIVE,
  // An empty UPDATE, a withdrawal, and an announcement with ORIGIN, AS_PATH and NEXT_HOP.
  frame(2, 0, 0, 0, 0),
  frame(2, 0, 4, 24, 198, 51, 100, 0, 0),
  frame(2, 0, 0, 0, 20, 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe9, 0x40, 3, 4, 192, 0, 2, 1, 24, 203, 0, 113),
  frame(5, 0, 1, 0, 1),
  frame(3, 6, 4),
];
/** The number of prefixes that the walk ever asks for. */
export const PREFIXES = 64;

/** One connection as the host has it. */
interface OpenConnection {
  readonly peer: string;
  isOpen: boolean;
  /** Octets of a message of which a part was received. */
  rest: Uint8Array;
  /** Octets that the kernel has not taken. */
  unsent: number;
}

/**
 * A random walk of one speaker among routers that send anything, in pieces of any length, connect and go at any time, and a host
 * that is slow, whose kernel takes what it likes.
 */
export class FuzzWalk {
  /** The speaker, to look into. */
  state: SpeakerState = createSpeakerState(7);
  /** The connections that are open or being opened. */
  readonly connections: Map<ConnectionId, OpenConnection> = new Map();
  readonly #machine = createSpeaker({ localAs: 64512, bgpIdentifier: LOCAL });
  readonly #random: () => number;
  readonly #listeners = new Set<ListenerId>();
  #now: Instant = instant(0);
  #accepted = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#dispatch({ type: "PeersConfigured", peers: ROUTERS });
  }

  /** Does one thing at random. */
  step(): void {
    const choice = this.#below(100);
    if (choice < 45) return this.#receive();
    if (choice < 60) return this.#advance();
    if (choice < 70) return this.#open();
    if (choice < 80) return this.#accept();
    if (choice < 88) return this.#write();
    if (choice < 93) return this.#close();
    if (choice < 97) return this.#wantRoutes();
    if (choice < 99) return this.#dispatch({ type: "BfdStateChanged", peer: "both", ...this.#bfdFacts() });
    this.#dispatch({ type: "PeersConfigured", peers: ROUTERS.filter(() => this.#below(8) > 0) });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<Value>(values: readonly Value[]): Value | undefined {
    return values[this.#below(values.length)];
  }

  #connection(isOpen: boolean): readonly [ConnectionId, OpenConnection] | undefined {
    return this.#pick([...this.connections].filter(([, each]) => each.isOpen === isOpen));
  }

  #receive(): void {
    const [id, connection] = this.#connection(true) ?? [];
    if (id === undefined || connection === undefined) return;
    if (connection.rest.length === 0) connection.rest = this.#message();
    const count = this.#below(3) === 0 ? 1 + this.#below(connection.rest.length) : connection.rest.length;
    const octets = connection.rest.slice(0, count);
    connection.rest = connection.rest.slice(count);
    this.#dispatch({ type: "OctetsReceived", peer: connection.peer, connection: id, octets });
  }

  #message(): Uint8Array {
    const octets = (this.#pick(MESSAGES) ?? KEEPALIVE).slice();
    if (this.#below(5) > 0) return octets;
    const at = this.#below(octets.length);
    octets[at] = this.#below(256);
    return octets;
  }

  #advance(): void {
    const due = this.#machine.nextDeadline(this.state);
    const later = instant(this.#now + this.#below(20_000));
    this.#now = due === null || this.#below(2) === 0 ? later : instant(Math.max(this.#now, due));
    const step = this.#machine.advance(this.state, this.#now);
    this.state = step.state;
    this.#perform(step.effects);
  }

  #open(): void {
    const [id, connection] = this.#connection(false) ?? [];
    if (id === undefined || connection === undefined) return;
    if (this.#below(4) === 0) return this.#end(id, connection, "ECONNREFUSED");
    connection.isOpen = true;
    this.#dispatch({ type: "TcpConnected", peer: connection.peer, connection: id, local: LOCAL });
  }

  #accept(): void {
    const listener = this.#pick([...this.#listeners]);
    if (listener === undefined) return;
    this.#dispatch({
      type: "TcpAccepted",
      listener,
      connection: --this.#accepted,
      address: `192.0.2.${1 + this.#below(20)}` as Ipv4Address,
      port: 1024,
      interface: null,
      local: LOCAL,
    });
  }

  #write(): void {
    const [id, connection] = this.#connection(true) ?? [];
    if (id === undefined || connection === undefined || connection.unsent === 0) return;
    const count = 1 + this.#below(connection.unsent);
    connection.unsent -= count;
    this.#dispatch({ type: "OctetsWritten", peer: connection.peer, connection: id, count });
  }

  #close(): void {
    const [id, connection] = this.#connection(true) ?? [];
    if (id !== undefined && connection !== undefined) this.#end(id, connection, "closed by the peer");
  }

  #end(id: ConnectionId, { peer }: OpenConnection, reason: string): void {
    this.connections.delete(id);
    this.#dispatch({ type: "TcpClosed", peer, connection: id, reason });
  }

  #wantRoutes(): void {
    const routes: readonly DesiredRoute[] = Array.from({ length: this.#below(6) }, () => ({
      prefix: `203.0.113.${this.#below(PREFIXES)}/32` as IpPrefix,
      nextHop: "self" as const,
      peers: this.#below(4) === 0 ? ["both"] : ("all" as const),
      med: this.#below(3),
    }));
    this.#dispatch({ type: "RoutesDesired", changes: new Map([[`service-${this.#below(10)}`, routes]]) });
  }

  #bfdFacts(): Omit<Extract<SpeakerEvent, { type: "BfdStateChanged" }>, "type" | "peer"> {
    const states = ["AdminDown", "Down", "Init", "Up"] as const;
    const [state = "Down", remoteState = "Down"] = [this.#pick(states), this.#pick(states)];
    return { state, diagnostic: this.#below(9), remoteState, remoteDiagnostic: this.#below(9) };
  }

  #dispatch(event: SpeakerEvent): void {
    const step = this.#machine.step(this.state, event, this.#now);
    this.state = step.state;
    this.#perform(step.effects);
  }

  #perform(effects: readonly SpeakerEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case "ConnectTcp":
        case "AcceptTcp":
          this.connections.set(effect.connection, {
            peer: effect.peer,
            isOpen: effect.type === "AcceptTcp",
            rest: new Uint8Array(0),
            unsent: 0,
          });
          break;
        case "SendOctets": {
          const connection = this.connections.get(effect.connection);
          if (connection !== undefined) connection.unsent += effect.octets.length;
          break;
        }
        case "CloseTcp": {
          const connection = this.connections.get(effect.connection);
          if (connection !== undefined) this.#end(effect.connection, connection, "closed");
          break;
        }
        case "ListenTcp":
          this.#listeners.add(effect.listener);
          break;
        case "StopListening":
          this.#listeners.delete(effect.listener);
          break;
        // Rejected connections were never the walk's, and reports are for people.
        default:
      }
    }
  }
}

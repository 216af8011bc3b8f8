import type { ConnectionId, SpeakerEffect, SpeakerEvent } from "@herald-lb/bgp-speaker";
import { createModelPeer, frame, KEEPALIVE, type ModelPeer, peerOpen } from "@herald-lb/bgp-speaker/testing";
import { type Clock, instant, type IpAddress } from "@herald-lb/sansio";
import type { BgpConnections } from "../bgp-connections.ts";

const OPEN = 1;
const UPDATE = 2;
const NOTIFICATION = 3;
const KEEPALIVE_TYPE = 4;
const BAD_PEER_AS = frame(NOTIFICATION, 2, 2);
/** The Graceful Restart capability without families, with the Notification bit. */
const HELPER = [64, 2, 0x40, 120];
/** The time of a segment on the wire, in milliseconds. */
const WIRE = 1;

/** The routers around a speaker: each address answers as a router of AS 65001, unless a test makes it unreachable. */
export class Routers {
  /** Addresses at which nobody answers. */
  readonly unreachable: Set<string> = new Set();
  /** Addresses from which no answer comes, not even a refusal. */
  readonly silent: Set<string> = new Set();
  /** Addresses whose router refuses our AS. */
  readonly refusing: Set<string> = new Set();
  /** Addresses whose router helps a speaker that restarts, RFC 8538. */
  readonly helping: Set<string> = new Set();
  /** The passwords that the speaker connected with, by address. */
  readonly passwords: Map<string, string | null> = new Map();
  readonly #clock: Clock;
  readonly #peers = new Map<string, ModelPeer>();
  readonly #connections = new Map<ConnectionId, { readonly address: IpAddress; readonly peer: string }>();
  #tell: (event: SpeakerEvent) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Stands in for the kernel's TCP. */
  readonly open = (tell: (event: SpeakerEvent) => void): BgpConnections => {
    this.#tell = tell;
    return { perform: (effect) => this.#perform(effect) };
  };

  /** The prefixes that the router at an address holds, as `family hex/length`, sorted. */
  prefixesAt(address: string): readonly string[] {
    return [...(this.#peers.get(address)?.held.keys() ?? [])].toSorted();
  }

  /** The attributes of a prefix that the router at an address holds, in hexadecimal by their type codes; null without it. */
  attributesAt(address: string, prefix: string): Readonly<Record<number, string>> | null {
    return this.#peers.get(address)?.held.get(prefix)?.attributes ?? null;
  }

  /** The bodies of the NOTIFICATIONs that the router at an address received in its newest session. */
  notificationsAt(address: string): readonly (readonly number[])[] {
    const messages = this.#peers.get(address)?.messages ?? [];
    return messages.filter(({ type }) => type === NOTIFICATION).map(({ body }) => [...body]);
  }

  /** The number of messages of one type that the router at an address received on all its sessions. */
  received(address: string, type: "OPEN" | "UPDATE" | "NOTIFICATION"): number {
    const code = { OPEN, UPDATE, NOTIFICATION }[type];
    return this.#peers.get(address)?.messages.filter((message) => message.type === code).length ?? 0;
  }

  /** The families of the End-of-RIB markers that the router at an address received in its newest session. */
  endOfRibsAt(address: string): readonly string[] {
    return this.#peers.get(address)?.endOfRibs ?? [];
  }

  /** Closes every connection of the router at an address. */
  drop(address: string): void {
    for (const [connection, { address: at, peer }] of this.#connections) {
      if (at !== address) continue;
      this.#connections.delete(connection);
      this.#tell({ type: "TcpClosed", peer, connection, reason: "ECONNRESET" });
    }
  }

  #perform(effect: Parameters<BgpConnections["perform"]>[0]): void {
    if (effect.type === "ListenTcp" || effect.type === "StopListening" || effect.type === "RejectTcp") return;
    const { peer, connection } = effect;
    switch (effect.type) {
      case "AcceptTcp":
        return;
      case "ConnectTcp":
        this.#connect(effect);
        return;
      case "CloseTcp":
        this.#later(() => {
          if (this.#connections.delete(connection))
            this.#tell({ type: "TcpClosed", peer, connection, reason: "closed" });
        });
        return;
      case "SendOctets":
        this.#later(() => this.#receive(peer, connection, effect.octets));
    }
  }

  #connect({ peer, connection, address, password }: Extract<SpeakerEffect, { type: "ConnectTcp" }>): void {
    this.passwords.set(address, password);
    if (this.silent.has(address)) return;
    this.#later(() => {
      if (this.unreachable.has(address)) {
        this.#tell({ type: "TcpClosed", peer, connection, reason: "ECONNREFUSED" });
        return;
      }
      this.#connections.set(connection, { address, peer });
      this.#peers.set(address, createModelPeer());
      this.#tell({ type: "TcpConnected", peer, connection, local: "192.0.2.11" as IpAddress });
    });
  }

  #receive(peer: string, connection: ConnectionId, octets: Uint8Array): void {
    const address = this.#connections.get(connection)?.address;
    const model = address === undefined ? undefined : this.#peers.get(address);
    if (model === undefined) return;
    const before = model.messages.length;
    model.receive(octets);
    this.#tell({ type: "OctetsWritten", peer, connection, count: octets.length });
    for (const { type } of model.messages.slice(before)) {
      const answers =
        type === OPEN
          ? this.refusing.has(address ?? "")
            ? [BAD_PEER_AS]
            : [peerOpen(this.helping.has(address ?? "") ? { extra: HELPER } : {}), KEEPALIVE]
          : type === KEEPALIVE_TYPE
            ? [KEEPALIVE]
            : [];
      for (const answer of answers) {
        this.#later(() => {
          if (this.#connections.has(connection))
            this.#tell({ type: "OctetsReceived", peer, connection, octets: answer });
        });
      }
    }
  }

  #later(task: () => void): void {
    this.#clock.wakeAt(instant(this.#clock.now() + WIRE), task);
  }
}

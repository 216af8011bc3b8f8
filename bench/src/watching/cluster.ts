import {
  type BfdEvent,
  type BfdState,
  createBfd,
  createBfdState,
  type SessionConfig,
  sessionsOf,
} from "@herald-lb/bfd";
import {
  bfdKey,
  createMembership,
  fast,
  initialMembership,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  nodeName,
  type StreamId,
  type TransportAddress,
  type WatcherSession,
} from "@herald-lb/membership";
import { createDriver, type Driver, instant, ipv4FromNumber } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";

/** The kinds of packets between speakers. */
export type PacketKind = "BFD" | "membership";

/** The packets of one kind that all nodes sent. */
export interface Sent {
  packets: number;
  /** With the headers of Ethernet, IPv4 and UDP. */
  octets: number;
}

interface Node {
  readonly address: TransportAddress;
  readonly membership: Driver<MembershipState, MembershipEvent>;
  readonly bfd: Driver<BfdState, BfdEvent>;
}

const PORTS = { membership: 7946, BFD: 7947 };
const WATCHERS = 3;
/** The speaker's defaults: the interval in milliseconds, the multiplier. */
const [INTERVAL, MULTIPLIER] = [50, 3];
/** The time on the way, in milliseconds. */
const DELAY = 0.2;
/** Octets before the payload: Ethernet, IPv4, UDP. */
const HEADERS = 42;
const KEY: Uint8Array = new Uint8Array(32).fill(7);

/** Nodes with the membership and the BFD sessions of a speaker, in virtual time. */
export class WatchingCluster {
  readonly clock: VirtualClock = createVirtualClock();
  readonly sent: Record<PacketKind, Sent> = { BFD: { packets: 0, octets: 0 }, membership: { packets: 0, octets: 0 } };
  readonly #nodes = new Map<string, Node>();
  readonly #streams = new Map<string, { readonly node: Node; readonly stream: StreamId }>();
  #accepted = 0;

  constructor(size: number) {
    const peers = Array.from({ length: size }, (_, index) => addressOf(index));
    for (const [index, address] of peers.entries()) this.#nodes.set(address.address, this.#create(index, address));
    for (const { membership } of this.#nodes.values()) {
      membership.dispatch({ type: "Started" });
      membership.dispatch({ type: "PeersDesired", peers });
    }
  }

  /** The number of a node's sessions in the mean, and true where all of them are up. */
  sessions(): { readonly mean: number; readonly areUp: boolean } {
    const views = [...this.#nodes.values()].map(({ bfd }) => sessionsOf(bfd.state));
    const mean = views.reduce((sum, each) => sum + each.length, 0) / views.length;
    const wanted = Math.min(2 * WATCHERS, views.length - 1);
    return { mean, areUp: mean === wanted && views.flat().every(({ state }) => state === "Up") };
  }

  #create(index: number, address: TransportAddress): Node {
    const config = {
      name: nodeName(`node-${index}`),
      advertise: address,
      profile: fast,
      keyring: [KEY],
      seed: seedOf(index, 1),
      bfd: { port: PORTS.BFD, watchers: WATCHERS },
      compression: false,
    };
    const bfdConfig = { seed: seedOf(index, 2), pauseTolerance: 10 };
    const node: Node = {
      address,
      membership: createDriver({
        machine: createMembership(config),
        initial: initialMembership(config),
        clock: this.clock,
        perform: (effect) => this.#perform(node, effect),
      }),
      bfd: createDriver({
        machine: createBfd(bfdConfig),
        initial: createBfdState(bfdConfig),
        clock: this.clock,
        perform: (effect) => {
          if (effect.type === "SendPacket") {
            const { octets, to } = effect;
            this.#count("BFD", octets);
            this.#deliver(to, ({ bfd }) =>
              bfd.dispatch({
                type: "PacketReceived",
                octets,
                from: address.address,
                hops: "multi",
                interface: null,
                ttl: null,
              }),
            );
          } else if (effect.type === "SessionStateChanged") {
            const view = effect.to === "Up" ? "Up" : "Down";
            node.membership.dispatch({ type: "BfdSessionChanged", node: nodeName(effect.session), view });
          }
        },
      }),
    };
    return node;
  }

  #perform(node: Node, effect: MembershipEffect): void {
    switch (effect.type) {
      case "SendPacket": {
        const { octets, to } = effect;
        this.#count("membership", octets);
        return this.#deliver(to.address, ({ membership }) =>
          membership.dispatch({ type: "PacketReceived", octets, from: node.address }),
        );
      }
      case "SessionsDesired":
        return node.bfd.dispatch({
          type: "SessionsDesired",
          sessions: new Map(effect.sessions.map((each) => [String(each.node), sessionConfig(each)])),
        });
      case "OpenStream": {
        const stream: StreamId = `accepted-${this.#accepted++}`;
        this.#streams.set(stream, { node, stream: effect.stream });
        return this.#deliver(effect.to.address, ({ membership }) => {
          membership.dispatch({ type: "StreamAccepted", stream, from: node.address });
          membership.dispatch({ type: "StreamReceived", stream, octets: effect.octets });
        });
      }
      case "ReplyStream": {
        const near = this.#streams.get(effect.stream);
        if (near === undefined) return;
        this.#streams.delete(effect.stream);
        return this.#deliver(near.node.address.address, ({ membership }) =>
          membership.dispatch({ type: "StreamReceived", stream: near.stream, octets: effect.octets }),
        );
      }
      default:
        return;
    }
  }

  #count(kind: PacketKind, octets: Uint8Array): void {
    this.sent[kind].packets++;
    this.sent[kind].octets += octets.length + HEADERS;
  }

  #deliver(to: string, act: (node: Node) => void): void {
    this.clock.wakeAt(instant(this.clock.now() + DELAY), () => {
      const node = this.#nodes.get(to);
      if (node !== undefined) act(node);
    });
  }
}

/** The settings that the speaker gives a session between nodes. */
function sessionConfig({ address, port }: WatcherSession): SessionConfig {
  return {
    remote: address,
    port,
    hops: "multi",
    interface: null,
    minimumTtl: 1,
    role: "active",
    desiredMinTxInterval: INTERVAL,
    requiredMinRxInterval: INTERVAL,
    detectMult: MULTIPLIER,
    administrativelyDown: false,
    authentication: { type: "MeticulousKeyedSha1", keys: [{ id: 1, secret: bfdKey(KEY) }] },
  };
}

/** An address of the network for benchmarks, RFC 2544. */
function addressOf(index: number): TransportAddress {
  return { address: ipv4FromNumber(0xc6_12_00_01 + index), port: PORTS.membership };
}

function seedOf(index: number, kind: number): Uint8Array {
  const seed = new Uint8Array(32).fill(kind);
  new DataView(seed.buffer).setUint32(0, index);
  return seed;
}

import type { AnnouncementRequest } from "@herald-lb/arp-responder";
import type { NetworkInterface } from "@herald-lb/host";
import type { TransportAddress, StreamId } from "@herald-lb/membership";
import { type Clock, err, instant, type IpAddress, type MacAddress, ok } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import type { FromWorker, StreamEffect } from "./protocol.ts";
import { networkInterface } from "./network-interface.test.fixture.ts";
import { Worker } from "./worker.ts";

/** The nodes of the cluster. */
export const NODES: readonly ["node-a", "node-b", "node-c"] = ["node-a", "node-b", "node-c"];
/** A node's name. */
export type Node = (typeof NODES)[number];
const ADDRESS = "10.0.0.1" as IpAddress;
/** sha-256 ranks node-b, node-a, node-c for this address. */
const request: AnnouncementRequest = {
  key: "default/web",
  addresses: [ADDRESS],
  electionAddress: ADDRESS,
  candidates: NODES.map((node) => ({ node, score: 0, interfaces: "all" })),
  sticky: false,
  spread: false,
};
const endpointOf = (node: Node): TransportAddress => ({
  address: `192.0.2.${NODES.indexOf(node) + 1}` as IpAddress,
  port: 7946,
});

/** One worker and what it did. */
export interface Member {
  readonly node: Node;
  readonly worker: Worker;
  readonly posted: FromWorker[];
  /** The times at which the node sent frames. */
  readonly frames: number[];
  onDatagram: (octets: Uint8Array, from: TransportAddress) => void;
  onFrame: (frame: Uint8Array) => void;
  /** The times that waiting frames were discarded. */
  discards: number;
  onBfd: (octets: Uint8Array, from: IpAddress) => void;
  /** Takes the link of the node's interface away, or gives it back. Datagrams go another way. */
  setLink: (carrier: boolean) => void;
}

/** The settings of all workers of a cluster. */
export interface ClusterOptions {
  readonly hasBfd: boolean;
  /** `serve` where absent. */
  readonly isolated?: "serve" | "yield";
  /** True for a sticky service; false where absent. */
  readonly sticky?: boolean;
  /** MetalLB's conduct where absent. */
  readonly conflicts?: Pick<AnnouncementRequest, "conflictPolicy" | "onConflict">;
  /** True for a service that is spread; false where absent. */
  readonly spread?: boolean;
}

/** Whole workers on one segment: gossip, streams through the main threads, and frames. */
export class Cluster {
  readonly clock: VirtualClock = createVirtualClock();
  readonly members: Map<Node, Member> = new Map();
  /** Nodes that receive nothing, though what they send arrives. */
  readonly deaf: Set<Node> = new Set();
  /** Nodes that send and receive nothing. */
  readonly cutOff: Set<Node> = new Set();
  readonly #streams = new Map<string, { readonly node: Node; readonly stream: StreamId }>();
  readonly #options: ClusterOptions;
  readonly #paused = new Map<Node, (() => void)[]>();
  #accepted = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Starts the worker of a node. */
  start(node: Node): Member {
    const index = NODES.indexOf(node) + 1;
    const seed = new Uint8Array(32).fill(index + 40);
    const bfd = this.#options.hasBfd ? { port: 7947, watchers: 3, interval: 50, multiplier: 3, seed } : null;
    const member: Member = {
      node,
      posted: [],
      frames: [],
      onDatagram: () => {},
      onFrame: () => {},
      onBfd: () => {},
      discards: 0,
      setLink: () => {},
      worker: new Worker({
        settings: {
          node,
          excludedInterfaces: "",
          isolated: this.#options.isolated ?? "serve",
          seed,
          bgpBfdSeed: seed,
          membership: {
            bind: endpointOf(node),
            profile: "fast",
            keys: [new Uint8Array(32).fill(3)],
            seed: new Uint8Array(32).fill(index),
            bfd,
          },
        },
        clock: this.#clockOf(node),
        post: (message) => {
          member.posted.push(structuredClone(message));
          if (message.type === "Stream") this.#serve(node, structuredClone(message.effect));
        },
        openInterface: (_index, onFrame) => {
          member.onFrame = onFrame;
          return ok({
            send: (frame) => this.#transmit(node, frame.slice()),
            join() {},
            leave() {},
            discard: () => void member.discards++,
            close() {},
          });
        },
        openMembershipSocket: (bind, onDatagram) => {
          member.onDatagram = onDatagram;
          return ok({
            send: (octets, to) => {
              const copy = octets.slice();
              this.#deliver(node, this.#at(to), (far) => far.onDatagram(copy, bind));
            },
            close() {},
          });
        },
        openRouterDiscovery: () => err({ syscall: "if_nametoindex", code: "ENODEV", errno: 19 }),
        openBfdSocket: (bind, onDatagram) => {
          member.onBfd = onDatagram;
          return ok({
            send: (octets, to) => {
              const copy = octets.slice();
              this.#deliver(node, this.#at(to), (far) => far.onBfd(copy, bind.address));
            },
            close() {},
          });
        },
        openBgpBfdSocket: () => ok({ send() {}, close() {} }),
        interfaceIndex: () => null,
        watchInterfaces: (observer) => {
          member.setLink = (carrier) => observer.onChange([{ ...eth0(index), carrier }]);
          observer.onChange([eth0(index)]);
          return ok(undefined);
        },
      }),
    };
    this.members.set(node, member);
    member.worker.start();
    member.worker.receive({
      type: "AnnouncementRequested",
      request: {
        ...request,
        sticky: this.#options.sticky ?? false,
        spread: this.#options.spread ?? false,
        ...this.#options.conflicts,
      },
    });
    member.worker.receive({ type: "RequestsListed" });
    member.worker.receive({ type: "OthersReachable", count: NODES.length - 1 });
    member.worker.receive({ type: "PeersDesired", peers: NODES.map(endpointOf) });
    return member;
  }

  /** The node that announces by its own reports; the last report of each counts. */
  announcers(): readonly Node[] {
    return [...this.members.values()]
      .filter(
        ({ posted }) =>
          posted.findLast(({ type }) => type === "Announcing" || type === "NotAnnouncing")?.type === "Announcing",
      )
      .filter(({ posted }) => posted.findLast((message) => message.type === "SilenceChanged")?.silent !== true)
      .filter(({ node, posted }) => !this.cutOff.has(node) && !posted.some(({ type }) => type === "Stopped"))
      .map(({ node }) => node);
  }

  #serve(node: Node, effect: StreamEffect): void {
    if (effect.type === "OpenStream") {
      const stream = `accepted-${this.#accepted++}`;
      const far = this.#at(effect.to);
      if (far === null)
        return this.#deliver(node, node, (own) => own.worker.receive({ type: "StreamClosed", stream: effect.stream }));
      this.#streams.set(`${far} ${stream}`, { node, stream: effect.stream });
      this.#deliver(node, far, ({ worker }) => {
        worker.receive({ type: "StreamAccepted", stream, from: endpointOf(node) });
        worker.receive({ type: "StreamReceived", stream, octets: effect.octets });
      });
    } else if (effect.type === "ReplyStream") {
      const far = this.#streams.get(`${node} ${effect.stream}`);
      if (far === undefined) return;
      this.#deliver(node, far.node, ({ worker }) => {
        worker.receive({ type: "StreamReceived", stream: far.stream, octets: effect.octets });
        worker.receive({ type: "StreamClosed", stream: far.stream });
      });
    }
  }

  /** Stops a node for a while, as SIGSTOP would. At the end its loop notices, discards the frames, and reads the datagrams that waited. */
  pause(node: Node, milliseconds: number): void {
    const waiting: (() => void)[] = [];
    this.#paused.set(node, waiting);
    this.clock.wakeAt(instant(this.clock.now() + milliseconds), () => {
      this.#paused.delete(node);
      this.members.get(node)?.worker.pause(milliseconds);
      for (const act of waiting) act();
    });
  }

  /** A node's own clock: what is due while it is paused comes at its end. */
  #clockOf(node: Node): Clock {
    return {
      now: () => this.clock.now(),
      wakeAt: (at, wake) => {
        let cancelled = false;
        this.clock.wakeAt(at, () => this.#whenAwake(node, () => (cancelled ? undefined : wake())));
        return () => void (cancelled = true);
      },
    };
  }

  #whenAwake(node: Node, act: () => void): void {
    const waiting = this.#paused.get(node);
    if (waiting === undefined) act();
    else waiting.push(act);
  }

  #transmit(from: Node, frame: Uint8Array): void {
    this.members.get(from)?.frames.push(this.clock.now());
    for (const to of this.members.keys())
      if (to !== from)
        this.#deliver(from, to, (far) => (this.#paused.has(to) ? undefined : far.onFrame(frame)), "frame");
  }

  #deliver(from: Node, to: Node | null, act: (member: Member) => void, what: "frame" | "datagram" = "datagram"): void {
    this.clock.wakeAt(instant(this.clock.now() + 0.5), () => {
      const member = to === null ? undefined : this.members.get(to);
      if (
        member !== undefined &&
        !this.deaf.has(member.node) &&
        !this.cutOff.has(from) &&
        !this.cutOff.has(member.node)
      ) {
        if (what === "frame") act(member);
        else this.#whenAwake(member.node, () => act(member));
      }
    });
  }

  #at({ address }: TransportAddress): Node | null {
    return [...this.members.keys()].find((node) => endpointOf(node).address === address) ?? null;
  }
}

/** The node's only interface, on the segment of the service's address. */
function eth0(index: number): NetworkInterface {
  const mac = `02:00:5e:00:53:0${index}` as MacAddress;
  return networkInterface({ mac, addresses: [segmentAddress(index)] });
}

function segmentAddress(index: number): NetworkInterface["addresses"][number] {
  return { address: `10.0.0.${100 + index}` as IpAddress, prefixLength: 24, scope: "global" };
}

/** A cluster in which every worker has run for 20 seconds. */
export function running(
  bfd: "with BFD" | "without BFD" = "without BFD",
  options: Omit<ClusterOptions, "hasBfd"> = {},
): Cluster {
  const cluster = new Cluster({ hasBfd: bfd === "with BFD", ...options });
  for (const node of NODES) cluster.start(node);
  cluster.clock.advanceBy(20_000);
  return cluster;
}

/** Lets time pass in steps of a millisecond until something holds, and returns the milliseconds it took. */
export function until(cluster: Cluster, holds: () => boolean, limit: number): number {
  for (let passed = 0; passed < limit; passed++) {
    if (holds()) return passed;
    cluster.clock.advanceBy(1);
  }
  throw new Error(`waited ${limit} ms`);
}

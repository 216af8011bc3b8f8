import type { AnnouncementRequest } from "@herald-lb/arp-responder";
import type { NetworkInterface } from "@herald-lb/host";
import type { TransportAddress, StreamId } from "@herald-lb/membership";
import { instant, type IpAddress, type MacAddress, ok } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { FromWorker, StreamEffect } from "./protocol.ts";
import { Worker } from "./worker.ts";

const NODES = ["node-a", "node-b", "node-c"] as const;
type Node = (typeof NODES)[number];
const ADDRESS = "10.0.0.1" as IpAddress;
/** sha-256 ranks node-b, node-a, node-c for this address. */
const request: AnnouncementRequest = {
  key: "default/web",
  addresses: [ADDRESS],
  electionAddress: ADDRESS,
  candidates: NODES.map((node) => ({ node, score: 0, interfaces: "all" })),
};
const endpointOf = (node: Node): TransportAddress => ({
  address: `192.0.2.${NODES.indexOf(node) + 1}` as IpAddress,
  port: 7946,
});

interface Member {
  readonly node: Node;
  readonly worker: Worker;
  readonly posted: FromWorker[];
  /** The times at which the node sent frames. */
  readonly frames: number[];
  onDatagram: (octets: Uint8Array, from: TransportAddress) => void;
  onFrame: (frame: Uint8Array) => void;
}

/** Whole workers on one segment: gossip, streams through the main threads, and frames. */
class Cluster {
  readonly clock: VirtualClock = createVirtualClock();
  readonly members = new Map<Node, Member>();
  /** Nodes that send and receive nothing. */
  readonly cutOff = new Set<Node>();
  readonly #streams = new Map<string, { readonly node: Node; readonly stream: StreamId }>();
  #accepted = 0;

  start(node: Node): Member {
    const index = NODES.indexOf(node) + 1;
    const member: Member = {
      node,
      posted: [],
      frames: [],
      onDatagram: () => {},
      onFrame: () => {},
      worker: new Worker({
        settings: {
          node,
          excludedInterfaces: "",
          membership: {
            bind: endpointOf(node),
            profile: "fast",
            keys: [],
            seed: new Uint8Array(32).fill(index),
            bfd: null,
          },
        },
        clock: this.clock,
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
            discard() {},
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
        watchInterfaces: (observer) => {
          observer.onChange([eth0(index)]);
          return ok(undefined);
        },
      }),
    };
    this.members.set(node, member);
    member.worker.start();
    member.worker.receive({ type: "AnnouncementRequested", request });
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

  #transmit(from: Node, frame: Uint8Array): void {
    this.members.get(from)?.frames.push(this.clock.now());
    for (const to of this.members.keys()) if (to !== from) this.#deliver(from, to, (far) => far.onFrame(frame));
  }

  #deliver(from: Node, to: Node | null, act: (member: Member) => void): void {
    this.clock.wakeAt(instant(this.clock.now() + 0.5), () => {
      const member = to === null ? undefined : this.members.get(to);
      if (member !== undefined && !this.cutOff.has(from) && !this.cutOff.has(member.node)) act(member);
    });
  }

  #at({ address }: TransportAddress): Node | null {
    return [...this.members.keys()].find((node) => endpointOf(node).address === address) ?? null;
  }
}

function eth0(index: number): NetworkInterface {
  const mac = `02:00:5e:00:53:0${index}` as MacAddress;
  const flags = { up: true, carrier: true, broadcast: true, noArp: false, loopback: false };
  return { index: 2, name: "eth0", mac, ...flags, master: null, kind: null, addresses: [] };
}

function running(): Cluster {
  const cluster = new Cluster();
  for (const node of NODES) cluster.start(node);
  cluster.clock.advanceBy(20_000);
  return cluster;
}

/** Lets time pass in steps of a millisecond until something holds, and returns the milliseconds it took. */
function until(cluster: Cluster, holds: () => boolean, limit: number): number {
  for (let passed = 0; passed < limit; passed++) {
    if (holds()) return passed;
    cluster.clock.advanceBy(1);
  }
  throw new Error(`waited ${limit} ms`);
}

describe("workers of a memberlist cluster", () => {
  it("agree on one announcer, and know all members", () => {
    const cluster = running();
    expect(cluster.announcers()).toEqual(["node-b"]);
    for (const { posted } of cluster.members.values()) {
      const newest = posted.findLast((message) => message.type === "MembersChanged");
      expect(newest?.alive.toSorted()).toEqual(NODES);
    }
  });

  it("replace an announcer that is cut off", () => {
    const cluster = running();
    cluster.cutOff.add("node-b");
    until(cluster, () => cluster.announcers().length > 0, 5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("count a suspect as live, also when another member leaves meanwhile", () => {
    const cluster = running();
    cluster.cutOff.add("node-b");
    cluster.clock.advanceBy(700);
    cluster.members.get("node-c")?.worker.receive({ type: "StopRequested" });
    cluster.clock.advanceBy(100);
    const told = cluster.members.get("node-a")?.posted.findLast((message) => message.type === "MembersChanged");
    expect(told?.left).toEqual(["node-c"]);
    expect(cluster.announcers()).toEqual([]);
    cluster.clock.advanceBy(5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("correct the neighbours' entries when a node that announced while it was cut off comes back", () => {
    const cluster = running();
    cluster.cutOff.add("node-a");
    cluster.clock.advanceBy(10_000);
    const announcer = cluster.members.get("node-b");
    const before = announcer?.frames.length ?? 0;
    const since = cluster.clock.now();
    cluster.cutOff.delete("node-a");
    until(
      cluster,
      () => announcer?.posted.findLast((each) => each.type === "MembersChanged")?.joined.includes("node-a") === true,
      60_000,
    );
    cluster.clock.advanceBy(100);
    expect(announcer?.frames.length).toBeGreaterThan(before);
    expect(announcer?.frames.at(-1)).toBeGreaterThan(since);
    cluster.clock.advanceBy(30_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });

  it("hand over so that the successor announces before the old announcer stops", () => {
    const cluster = running();
    const leaving = cluster.members.get("node-b");
    const successor = cluster.members.get("node-a");
    const framesBefore = successor?.frames.length ?? 0;
    const stoppedAt = cluster.clock.now();
    leaving?.worker.receive({ type: "StopRequested" });
    until(cluster, () => leaving?.posted.some(({ type }) => type === "Stopped") === true, 5_000);
    expect(successor?.frames.length).toBeGreaterThan(framesBefore);
    expect(leaving?.frames.filter((at) => at > stoppedAt)).toEqual([]);
    cluster.clock.advanceBy(5_000);
    expect(cluster.announcers()).toEqual(["node-a"]);
  });

  it("do not lose the address to a node that starts again, before it knows the others", () => {
    const cluster = running();
    cluster.members.get("node-b")?.worker.receive({ type: "StopRequested" });
    cluster.clock.advanceBy(10_000);
    const restarted = cluster.start("node-b");
    const knew = until(cluster, () => restarted.frames.length > 0, 20_000);
    const members = restarted.posted.find((message) => message.type === "MembersChanged");
    expect(members?.alive.length).toBeGreaterThan(1);
    expect(knew).toBeGreaterThan(0);
    cluster.clock.advanceBy(10_000);
    expect(cluster.announcers()).toEqual(["node-b"]);
  });
});

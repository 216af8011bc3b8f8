import { type Clock, createDriver, type Driver, instant, parseIpAddress } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { expect } from "vitest";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import { type TransportAddress, transportAddressKey } from "./transport-address.ts";
import type { MembershipEvent } from "./event.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { type NodeName, nodeName } from "./node-name.ts";
import type { Profile } from "./profile.ts";
import { type MembershipState, membersOf } from "./state.ts";

/** A node of a cluster in virtual time. */
export interface SimulatedNode {
  readonly name: NodeName;
  readonly endpoint: TransportAddress;
  readonly driver: Driver<MembershipState, MembershipEvent>;
  /** Every effect but the packets, of which there are too many. */
  readonly effects: MembershipEffect[];
  /** When this node last took another for gone, by name. */
  readonly goneAt: Map<NodeName, number>;
  alive: boolean;
  /** True while its process is stopped: what arrives waits, and no timer fires. */
  paused: boolean;
}

/** Nodes on one network in virtual time, whose conditions can be changed. */
export interface Cluster {
  readonly clock: VirtualClock;
  readonly nodes: SimulatedNode[];
  readonly conditions: { loss: number; delay: number; tcp: boolean; udp: boolean };
  readonly cut: (a: SimulatedNode, b: SimulatedNode) => boolean;
  setCut: (cut: (a: SimulatedNode, b: SimulatedNode) => boolean) => void;
  readonly kill: (node: SimulatedNode) => void;
  /** Stops a node's process for a while; what waited meanwhile comes all at once at the end. */
  readonly pause: (node: SimulatedNode, milliseconds: number) => void;
  /** Called with every effect of every node. */
  onEffect: (node: SimulatedNode, effect: MembershipEffect) => void;
  readonly start: (index: number) => SimulatedNode;
}

/** The networks for documentation, RFC 5737: 750 nodes at most. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"];

function endpointOf(index: number): TransportAddress {
  const address = parseIpAddress(`${NETWORKS[Math.floor(index / 250)]}.${(index % 250) + 1}`);
  if (!address.ok) throw new Error("bad address");
  return { address: address.value, port: 7946 };
}

/** Starts a cluster of `size` nodes, each of which should have the others as members. */
export function createCluster(
  size: number,
  seed: number,
  profile: Profile,
  extra: Partial<MembershipConfig> = {},
): Cluster {
  const clock = createVirtualClock();
  const random = createRandom(seed);
  const conditions = { loss: 0, delay: 1, tcp: true, udp: true };
  const byEndpoint = new Map<string, SimulatedNode>();
  const nodes: SimulatedNode[] = [];
  const streams = new Map<string, { readonly far: SimulatedNode; readonly farId: string }>();
  let streamCount = 0;
  let cut: (a: SimulatedNode, b: SimulatedNode) => boolean = () => false;
  const later = (after: number, act: () => void): void => void clock.wakeAt(instant(clock.now() + after), act);
  const connected = (a: SimulatedNode, b: SimulatedNode | undefined): b is SimulatedNode =>
    b !== undefined && a.alive && b.alive && !cut(a, b) && !cut(b, a);
  /** The delay of a stream by lost segments: a second for the first, as Linux repeats a SYN. */
  const delays = (segments: number): number => {
    let sum = segments * conditions.delay;
    for (let segment = 0; segment < segments; segment++) if (random() < conditions.loss) sum += 1000;
    return sum;
  };

  const waiting = new Map<SimulatedNode, (() => void)[]>();
  const whenAwake = (node: SimulatedNode, act: () => void): void => {
    if (!node.paused) act();
    else waiting.get(node)?.push(act);
  };
  /** A node's own clock: what is due while it is paused comes at its end. */
  const clockOf = (index: number): Clock => ({
    now: () => clock.now(),
    wakeAt(at, wake) {
      let cancelled = false;
      clock.wakeAt(at, () => {
        const node = nodes[index];
        if (node === undefined || !node.paused) return cancelled ? undefined : wake();
        waiting.get(node)?.push(() => (cancelled ? undefined : wake()));
      });
      return () => void (cancelled = true);
    },
  });

  const perform = (node: SimulatedNode, effect: MembershipEffect): void => {
    if (effect.type !== "SendPacket") node.effects.push(effect);
    cluster.onEffect(node, effect);
    const key = "stream" in effect ? `${node.name}/${effect.stream}` : "";
    switch (effect.type) {
      case "SendPacket": {
        const to = byEndpoint.get(transportAddressKey(effect.to));
        if (random() < conditions.loss || !conditions.udp) return;
        return later(conditions.delay * (1 + random()), () => {
          if (!connected(node, to)) return;
          const event: MembershipEvent = { type: "PacketReceived", from: node.endpoint, octets: effect.octets };
          whenAwake(to, () => to.driver.dispatch(event));
        });
      }
      case "OpenStream": {
        const to = byEndpoint.get(transportAddressKey(effect.to));
        return later(delays(3), () => {
          if (!node.alive) return;
          if (!connected(node, to) || !conditions.tcp) {
            // A dead host says nothing; a port that is closed refuses.
            if (to !== undefined && cut(node, to)) return;
            return node.driver.dispatch({ type: "StreamClosed", stream: effect.stream });
          }
          const farId = `accept-${++streamCount}`;
          streams.set(`${to.name}/${farId}`, { far: node, farId: effect.stream });
          streams.set(key, { far: to, farId });
          to.driver.dispatch({ type: "StreamAccepted", stream: farId, from: node.endpoint });
          const half = effect.octets.length >> 1;
          to.driver.dispatch({ type: "StreamReceived", stream: farId, octets: effect.octets.subarray(0, half) });
          to.driver.dispatch({ type: "StreamReceived", stream: farId, octets: effect.octets.subarray(half) });
        });
      }
      case "ReplyStream": {
        const link = streams.get(key);
        return later(delays(1), () => {
          if (link === undefined || !connected(node, link.far)) return;
          link.far.driver.dispatch({ type: "StreamReceived", stream: link.farId, octets: effect.octets });
          link.far.driver.dispatch({ type: "StreamClosed", stream: link.farId });
        });
      }
      case "MembersChanged":
        for (const gone of effect.left) node.goneAt.set(gone.name, clock.now());
        for (const back of effect.joined) node.goneAt.delete(back.name);
        return;
      default:
        return;
    }
  };

  const start = (index: number): SimulatedNode => {
    const config: MembershipConfig = {
      name: nodeName(`node-${index}`),
      advertise: endpointOf(index),
      profile,
      keyring: [],
      seed: new Uint8Array(32)
        .fill(seed + 1)
        .fill(index + 1, 16)
        .fill(Math.floor(random() * 256), 24),
      ...extra,
    };
    const node: SimulatedNode = {
      name: config.name,
      endpoint: config.advertise,
      effects: [],
      goneAt: new Map(),
      alive: true,
      paused: false,
      driver: createDriver({
        machine: createMembership(config),
        initial: initialMembership(config),
        clock: clockOf(index),
        perform: (effect) => perform(node, effect),
      }),
    };
    byEndpoint.set(transportAddressKey(node.endpoint), node);
    nodes[index] = node;
    node.driver.dispatch({ type: "Started" });
    node.driver.dispatch({ type: "PeersDesired", peers: Array.from({ length: size }, (_, at) => endpointOf(at)) });
    return node;
  };
  const cluster: Cluster = {
    clock,
    nodes,
    conditions,
    cut: (a, b) => cut(a, b),
    setCut: (next) => void (cut = next),
    start,
    kill: (node) => {
      node.alive = false;
      node.driver.stop();
    },
    pause: (node, milliseconds) => {
      if (!node.alive || node.paused) return;
      node.paused = true;
      waiting.set(node, []);
      later(milliseconds, () => {
        node.paused = false;
        for (const act of waiting.get(node) ?? []) if (node.alive) act();
      });
    },
    onEffect: () => {},
  };
  for (let index = 0; index < size; index++) start(index);
  return cluster;
}

/** The names that a node counts as live, its own among them. */
export function alivePeers(node: SimulatedNode): string[] {
  return membersOf(node.driver.state)
    .filter((member) => member.state === "alive" || member.state === "suspect")
    .map((member) => member.name)
    .toSorted();
}

/** Expects that every living node counts exactly the living ones as live. */
export function expectAllSeeAll(cluster: Cluster): void {
  const living = cluster.nodes.filter((node) => node.alive);
  const names = living.map((node) => node.name).toSorted();
  for (const node of living) expect(alivePeers(node), node.name).toEqual(names);
}

/** The number of times that a node took another for gone. */
export function deaths(cluster: Cluster): number {
  return cluster.nodes
    .flatMap((node) => node.effects)
    .reduce((sum, effect) => sum + (effect.type === "MembersChanged" ? effect.left.length : 0), 0);
}

import { instant } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";
import { watchersOf } from "./ring.ts";
import type { Cluster, SimulatedNode } from "./simulation.test.fixture.ts";

/** The interval between a session's packets, the number of them that may be missing, the look at the sessions, in milliseconds. */
const [INTERVAL, MULTIPLIER, TICK] = [50, 3, 10];
/** The pause before a session that went down comes up again, in milliseconds: packets go once a second until then. */
const RESTART = 1_500;

/** The watchers of each node. */
export const WATCHERS = 3;

interface Session {
  heardAt: number;
  nextPacket: number;
  isUp: boolean;
  startAt: number;
}

/**
 * A model of BFD sessions between the nodes of a cluster, packet by packet: it tells each node of sessions that come up, are lost and go
 * down, as a BFD machine would. 300 nodes of the real one would take hours.
 */
export class BfdSessions {
  readonly #cluster: Cluster;
  readonly #random: () => number;
  readonly #desired = new Map<SimulatedNode, ReadonlySet<NodeName>>();
  readonly #sessions = new Map<SimulatedNode, Map<NodeName, Session>>();
  readonly #byName = new Map<NodeName, SimulatedNode>();

  constructor(cluster: Cluster, random: () => number) {
    this.#cluster = cluster;
    this.#random = random;
    for (const node of cluster.nodes) for (const effect of node.effects) this.#take(node, effect);
    cluster.onEffect = (node, effect) => this.#take(node, effect);
    this.#tick();
  }

  /** The number of watchers of a node whose session with it is up at their end. */
  hearing(name: NodeName): number {
    return [...this.#sessions.entries()].filter(([node, all]) => {
      const { ring } = node.driver.state.watcher;
      return node.alive && all.get(name)?.isUp === true && watchersOf(ring, name, WATCHERS).includes(node.name);
    }).length;
  }

  #take(node: SimulatedNode, effect: SimulatedNode["effects"][number]): void {
    this.#byName.set(node.name, node);
    if (effect.type !== "SessionsDesired") return;
    const desired = new Set(effect.sessions.map((each) => each.node));
    this.#desired.set(node, desired);
    const before = this.#sessions.get(node) ?? new Map<NodeName, Session>();
    const now = this.#cluster.clock.now();
    const started = (): Session => ({
      heardAt: now,
      nextPacket: now,
      isUp: false,
      startAt: now + RESTART * this.#random(),
    });
    this.#sessions.set(node, new Map([...desired].map((name) => [name, before.get(name) ?? started()])));
  }

  #tick(): void {
    const { clock } = this.#cluster;
    clock.wakeAt(instant(clock.now() + TICK), () => this.#tick());
    for (const [node, sessions] of this.#sessions) {
      if (!node.alive || node.paused) continue;
      for (const [name, session] of sessions) this.#run(node, name, session);
    }
  }

  #run(node: SimulatedNode, name: NodeName, session: Session): void {
    const now = this.#cluster.clock.now();
    const peer = this.#byName.get(name);
    if (peer === undefined) return;
    const back = this.#sessions.get(peer)?.get(node.name);
    if (!session.isUp) {
      const wanted = back !== undefined && this.#reaches(node, peer) && this.#reaches(peer, node);
      if (!wanted || now < session.startAt) return;
      for (const [from, to, each] of [
        [node, name, session],
        [peer, node.name, back],
      ] as const) {
        Object.assign(each, { isUp: true, heardAt: now, nextPacket: now });
        from.driver.dispatch({ type: "BfdSessionChanged", node: to, view: "Up" });
      }
      return;
    }
    // A node that stood still hears what waited in its socket before it judges: its own silence does not count.
    if (now - session.heardAt > INTERVAL * MULTIPLIER) return this.#lose(node, name, session);
    if (now < session.nextPacket) return;
    session.nextPacket = now + INTERVAL * (0.75 + 0.25 * this.#random());
    if (back?.isUp === true && this.#reaches(node, peer)) back.heardAt = now;
  }

  #lose(node: SimulatedNode, name: NodeName, session: Session): void {
    const peer = this.#byName.get(name);
    const startAt = this.#cluster.clock.now() + RESTART * (0.7 + this.#random());
    Object.assign(session, { isUp: false, startAt });
    node.driver.dispatch({ type: "BfdSessionChanged", node: name, view: "Lost" });
    const back = peer === undefined ? undefined : this.#sessions.get(peer)?.get(node.name);
    if (peer === undefined || back?.isUp !== true || !peer.alive || peer.paused) return;
    Object.assign(back, { isUp: false, startAt });
    peer.driver.dispatch({ type: "BfdSessionChanged", node: node.name, view: "Down" });
  }

  /** Gives every session of a node that was paused the lost time back. */
  resume(node: SimulatedNode): void {
    for (const session of this.#sessions.get(node)?.values() ?? []) session.heardAt = this.#cluster.clock.now();
  }

  #reaches(from: SimulatedNode, to: SimulatedNode): boolean {
    if (!from.alive || !to.alive || from.paused || to.paused) return false;
    return !this.#cluster.cut(from, to) && this.#random() >= this.#cluster.conditions.loss;
  }
}

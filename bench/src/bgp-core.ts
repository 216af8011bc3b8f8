import {
  createSpeaker,
  createSpeakerState,
  type DesiredRoute,
  type PeerConfig,
  type SpeakerEffect,
  type SpeakerEvent,
} from "@herald-lb/bgp-speaker";
import { KEEPALIVE, peerOpen } from "@herald-lb/bgp-speaker/testing";
import { instant, type IpPrefix, type Ipv4Address } from "@herald-lb/sansio";

/** The runs of each measurement; the best one counts, and for the longest step the one whose longest step is the shortest. */
const RUNS = 5;

/** A kernel that takes all octets at once, around one speaker; nothing waits, so that all time is the machine's. */
class Host {
  /** Milliseconds in the machine. */
  busy = 0;
  /** The longest step, in milliseconds. */
  longest = 0;
  octets = 0;
  /** Milliseconds in the machine until the first octets, since `reset`. */
  firstOctets: number | null = null;
  readonly #machine = createSpeaker({ localAs: 64512, bgpIdentifier: "192.0.2.10" as Ipv4Address });
  #state = createSpeakerState(1);
  #now = instant(0);
  readonly #connections = new Map<string, number>();

  dispatch(event: SpeakerEvent): void {
    const events = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      const due: SpeakerEvent = next;
      this.#timed(() => this.#machine.step(this.#state, due, this.#now), events);
    }
    for (;;) {
      const deadline = this.#machine.nextDeadline(this.#state);
      if (deadline === null || deadline > this.#now) return;
      this.#timed(() => this.#machine.advance(this.#state, this.#now), events);
      for (let next = events.shift(); next !== undefined; next = events.shift()) {
        const due: SpeakerEvent = next;
        this.#timed(() => this.#machine.step(this.#state, due, this.#now), events);
      }
    }
  }

  establish(peer: string): void {
    const connection = this.#connections.get(peer) ?? 0;
    const local = "192.0.2.10" as Ipv4Address;
    this.dispatch({ type: "TcpConnected", peer, connection, local });
    this.dispatch({ type: "OctetsReceived", peer, connection, octets: peerOpen() });
    this.dispatch({ type: "OctetsReceived", peer, connection, octets: KEEPALIVE });
  }

  reset(): void {
    this.busy = this.longest = this.octets = 0;
    this.firstOctets = null;
  }

  #timed(
    work: () => { readonly state: ReturnType<typeof createSpeakerState>; readonly effects: readonly SpeakerEffect[] },
    events: SpeakerEvent[],
  ): void {
    const start = performance.now();
    const step = work();
    const took = performance.now() - start;
    this.busy += took;
    this.longest = Math.max(this.longest, took);
    this.#state = step.state;
    for (const effect of step.effects) {
      if (effect.type === "ConnectTcp") this.#connections.set(effect.peer, effect.connection);
      if (effect.type !== "SendOctets") continue;
      const { peer, connection, octets } = effect;
      this.octets += octets.length;
      this.firstOctets ??= this.busy;
      events.push({ type: "OctetsWritten", peer, connection, count: octets.length });
    }
  }
}

const peers = (count: number): readonly PeerConfig[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `router-${n}`,
    address: `192.0.2.${n + 20}` as Ipv4Address,
    peerAs: 65001,
  }));

/** A Service with an address each, as a cluster has them. */
function services(count: number, med = 1): Map<string, readonly DesiredRoute[]> {
  const changes = new Map<string, readonly DesiredRoute[]>();
  for (let n = 0; n < count; n++) {
    const prefix = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32` as IpPrefix;
    const one: DesiredRoute = {
      prefix,
      nextHop: "self",
      peers: "all",
      localPref: 100,
      med,
      communities: [0xfc00_0001],
    };
    changes.set(`default/service-${n}`, [one]);
  }
  return changes;
}

interface Figures {
  readonly busy: number;
  readonly longest: number;
}

/** A speaker with sessions. */
function hostWith(peerCount: number): Host {
  const host = new Host();
  host.dispatch({ type: "PeersConfigured", peers: peers(peerCount) });
  for (const { name } of peers(peerCount)) host.establish(name);
  host.reset();
  return host;
}

function best(run: () => Figures): Figures {
  let busy = Infinity;
  let longest = Infinity;
  for (let n = 0; n < RUNS; n++) {
    globalThis.gc?.();
    const figures = run();
    busy = Math.min(busy, figures.busy);
    longest = Math.min(longest, figures.longest);
  }
  return { busy, longest };
}

function changeOf(peerCount: number, routeCount: number): Figures {
  const changes = services(routeCount);
  return best(() => {
    const host = hostWith(peerCount);
    host.dispatch({ type: "RoutesDesired", changes });
    if (host.octets < 5 * routeCount * peerCount) throw new Error("routes are missing");
    return host;
  });
}

function joinOf(peerCount: number, routeCount: number): Figures {
  const changes = services(routeCount);
  return best(() => {
    const host = new Host();
    host.dispatch({ type: "RoutesDesired", changes });
    host.dispatch({ type: "PeersConfigured", peers: peers(peerCount) });
    host.reset();
    for (const { name } of peers(peerCount)) host.establish(name);
    if (host.octets < 5 * routeCount * peerCount) throw new Error("routes are missing");
    return host;
  });
}

/** One Service of many changes or goes. */
function oneOf(
  peerCount: number,
  routeCount: number,
  routes: "changed" | "gone",
): Figures & { readonly first: number } {
  const host = hostWith(peerCount);
  const changes = services(routeCount);
  host.dispatch({ type: "RoutesDesired", changes });
  let [busy, longest, first] = [Infinity, Infinity, Infinity];
  for (let n = 0; n < 200; n++) {
    const key = `default/service-${n}`;
    const [before] = changes.get(key) ?? [];
    host.reset();
    const after: readonly DesiredRoute[] = routes === "gone" || before === undefined ? [] : [{ ...before, med: 7 }];
    host.dispatch({ type: "RoutesDesired", changes: new Map([[key, after]]) });
    busy = Math.min(busy, host.busy);
    longest = Math.min(longest, host.longest);
    first = Math.min(first, host.firstOctets ?? Infinity);
  }
  return { busy, longest, first };
}

/** Octets of heap for each route of a speaker that has told all of them, without the routes themselves, which are the caller's. */
function heapOf(peerCount: number, routeCount: number): number | null {
  if (globalThis.gc === undefined) return null;
  const changes = services(routeCount);
  const host = hostWith(peerCount);
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  host.dispatch({ type: "RoutesDesired", changes });
  globalThis.gc();
  const used = process.memoryUsage().heapUsed - before;
  host.reset();
  return changes.size === 0 ? null : used / routeCount;
}

const line = (name: string, value: string): void => {
  process.stdout.write(`${name.padEnd(66)}${value.padStart(12)}\n`);
};
const micros = (figures: Figures, count: number): string => `${((figures.busy * 1000) / count).toFixed(2)} µs`;
const millis = (value: number): string => `${value.toFixed(2)} ms`;

const THOUSAND = 1_000;
const MANY = 100_000;
const toOne = changeOf(1, MANY);
line("100,000 routes to one peer, a route", micros(toOne, MANY));
line("  longest step", millis(toOne.longest));
const joining = joinOf(1, MANY);
line("one peer comes up with 100,000 routes wanted, a route", micros(joining, MANY));
line("  longest step", millis(joining.longest));
const few = changeOf(1, 10 * THOUSAND);
const hundred = changeOf(100, 10 * THOUSAND);
line(
  "10,000 routes to 100 peers, a route and further peer",
  micros({ ...hundred, busy: hundred.busy - few.busy }, 99 * 10 * THOUSAND),
);
line("  longest step", millis(hundred.longest));
const thousand = changeOf(100, THOUSAND);
line("1,000 routes to 100 peers, a route and peer", micros(thousand, 100 * THOUSAND));
const comingUp = joinOf(100, THOUSAND);
line("100 peers come up with 1,000 routes wanted, a route and peer", micros(comingUp, 100 * THOUSAND));
line("one withdrawal of 1,000 routes at 100 peers", millis(oneOf(100, THOUSAND, "gone").busy));
const changed = oneOf(1, 10 * THOUSAND, "changed");
line("one Service of 10,000 changes, one peer: until the octets", millis(changed.first));
const heap = heapOf(1, MANY);
line("heap for each of 100,000 routes told to one peer", heap === null ? "--expose-gc" : `${heap.toFixed(0)} octets`);

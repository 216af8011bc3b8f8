import {
  type BmpMessage,
  type BmpPeer,
  type FsmEventType,
  encodeBmpMessage,
  encodeMessage,
  endOfRib,
  informationText,
  InformationType,
  INITIAL_CONTEXT,
  MessageType,
  monitoredSession,
  type PeerDownReason,
  peersOf,
  type SpeakerEffect,
  type SpeakerState,
  splitFrames,
  StatisticType,
  tableSlice,
  TerminationReason,
  terminationReason,
} from "@herald-lb/bgp-speaker";
import type { Logger } from "@herald-lb/daemon";
import { type Clock, type Instant, instant } from "@herald-lb/sansio";
import type { BmpCollector, CollectorStream, connectToCollector } from "./bmp-collector.ts";

/** The pauses between attempts to connect, RFC 7854 §3.2, in milliseconds. */
const RETRY = { shortest: 30_000, longest: 720_000 };
/** The interval between reports of statistics, in milliseconds. */
const STATISTICS_INTERVAL = 60_000;
/** Octets that wait for the collector beyond which the table is not read on. */
const ENOUGH_WAITING = 1_048_576;
/** Octets that wait for the collector beyond which it is given up, and begins anew later. */
const MOST_WAITING = 16_777_216;
const NOTHING: Uint8Array = new Uint8Array(0);

/** The dependencies of the monitoring. */
export interface BmpOptions {
  readonly collector: BmpCollector;
  readonly connect: typeof connectToCollector;
  readonly node: string;
  readonly clock: Clock;
  /** Milliseconds since 1970, for people. */
  readonly wallClock: () => number;
  readonly state: () => SpeakerState;
  readonly log: Logger;
}

/** Tells a collector what the peers are told, by BMP (RFC 7854, RFC 8671): sessions, the Adj-RIB-Out after the policy, the number of routes. */
export class BmpMonitoring {
  readonly #options: BmpOptions;
  #stream: CollectorStream | null = null;
  #isOpen = false;
  #isStopped = false;
  #retry = RETRY.shortest;
  /** The peers that the collector knows to be up. */
  readonly #up = new Map<string, BmpPeer>();
  readonly #reasons = new Map<string, PeerDownReason>();
  /** Tables that the collector is still to be told, and how far it was. */
  #tables: { readonly peer: string; readonly from: number }[] = [];
  readonly #timers = new Set<() => void>();

  constructor(options: BmpOptions) {
    this.#options = options;
  }

  /** Connects, again and again where it has to. */
  start(): void {
    if (this.#isStopped) return;
    const { collector, connect } = this.#options;
    this.#stream = connect(collector, {
      onOpen: () => this.#begin(),
      onDrain: () => this.#continueTables(),
      onClose: (reason) => this.#closed(reason),
    });
  }

  /** Tells the collector that nothing more comes. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    if (this.#isOpen) {
      const information = [terminationReason(TerminationReason.AdministrativelyClosed)];
      this.#write({ type: "Termination", information });
    }
    this.#isOpen = false;
    this.#stream?.end();
  }

  /** Takes what the BGP machine did, after it did it. */
  observe(effect: SpeakerEffect): void {
    if (!this.#isOpen) return;
    switch (effect.type) {
      case "SendOctets":
        return this.#tellMessages(effect.peer, effect.octets);
      case "NotificationSent":
        return void this.#reasons.set(effect.peer, { type: "LocalNotification", notification: effect.octets });
      case "NotificationReceived":
        return void this.#reasons.set(effect.peer, { type: "RemoteNotification", notification: effect.octets });
      case "PeerStateChanged":
        if (effect.to === "Established") this.#tellUp(effect.peer);
        else if (effect.from === "Established") this.#tellDown(effect.peer, effect.on);
        return;
      default:
    }
  }

  #begin(): void {
    const { node, collector, log, state } = this.#options;
    log.info({ ...collector }, "BMP collector connected");
    this.#isOpen = true;
    this.#retry = RETRY.shortest;
    this.#write({
      type: "Initiation",
      information: [
        informationText(InformationType.SysDescr, "Herald speaker"),
        informationText(InformationType.SysName, node),
      ],
    });
    for (const { name } of peersOf(state())) if (this.#tellUp(name)) this.#tables.push({ peer: name, from: 0 });
    this.#continueTables();
    this.#after(STATISTICS_INTERVAL, () => this.#tellStatistics());
  }

  #closed(reason: string): void {
    const { collector, log } = this.#options;
    this.#isOpen = false;
    this.#stream = null;
    this.#up.clear();
    this.#reasons.clear();
    this.#tables = [];
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    if (this.#isStopped) return;
    log.warn(
      { ...collector, reason, retryAfterMs: this.#retry },
      "BMP collector not connected; BGP sessions go on, and it is tried again",
    );
    this.#after(this.#retry, () => this.start());
    this.#retry = Math.min(2 * this.#retry, RETRY.longest);
  }

  #tellUp(name: string): boolean {
    const session = monitoredSession(this.#options.state(), name);
    if (session === null) return false;
    const peer: BmpPeer = {
      peerType: 0,
      isAdjRibOut: false,
      isPostPolicy: false,
      isTwoOctetAsPath: !session.fourOctetAs,
      distinguisher: 0n,
      address: session.address,
      autonomousSystem: session.peerAs,
      bgpIdentifier: session.peerIdentifier,
      seconds: 0,
      microseconds: 0,
    };
    this.#up.set(name, peer);
    this.#reasons.delete(name);
    const { localAddress, port: remotePort, sentOpen, receivedOpen } = session;
    this.#write({
      type: "PeerUp",
      peer: this.#now(peer),
      localAddress,
      localPort: 0,
      remotePort,
      sentOpen,
      receivedOpen,
      information: [],
    });
    return true;
  }

  #tellDown(name: string, on: FsmEventType): void {
    const peer = this.#up.get(name);
    if (peer === undefined) return;
    const reason = this.#reasons.get(name) ?? silentReason(on);
    this.#up.delete(name);
    this.#reasons.delete(name);
    this.#tables = this.#tables.filter((table) => table.peer !== name);
    this.#write({ type: "PeerDown", peer: this.#now(peer), reason });
  }

  #tellMessages(name: string, octets: Uint8Array): void {
    const peer = this.#up.get(name);
    if (peer === undefined) return;
    for (const update of splitFrames(NOTHING, octets, 65_535).frames) {
      if (update[18] === MessageType.Update) this.#tellUpdate(peer, update);
    }
  }

  /** RFC 8671 §4 and §5: what is sent is the Adj-RIB-Out after the policy. */
  #tellUpdate(peer: BmpPeer, update: Uint8Array): void {
    const header = { ...this.#now(peer), isAdjRibOut: true, isPostPolicy: true };
    this.#write({ type: "RouteMonitoring", peer: header, update });
  }

  #continueTables(): void {
    const [table] = this.#tables;
    if (table === undefined || !this.#isOpen || (this.#stream?.waiting() ?? 0) > ENOUGH_WAITING) return;
    const { state } = this.#options;
    const peer = this.#up.get(table.peer);
    const { messages, next } = tableSlice(state(), table.peer, table.from);
    if (peer !== undefined) for (const update of messages) this.#tellUpdate(peer, update);
    this.#tables.shift();
    if (next !== null) this.#tables.unshift({ peer: table.peer, from: next });
    else if (peer !== undefined)
      for (const family of monitoredSession(state(), table.peer)?.families ?? [])
        this.#tellUpdate(peer, encodeMessage(endOfRib(family), INITIAL_CONTEXT));
    this.#after(0, () => this.#continueTables());
  }

  #tellStatistics(): void {
    const snapshots = new Map(peersOf(this.#options.state()).map((peer) => [peer.name, peer]));
    for (const [name, peer] of this.#up) {
      const value = BigInt(snapshots.get(name)?.announcedPrefixes ?? 0);
      const statistics = [{ form: "Gauge", code: StatisticType.AdjRibOutPostPolicyRoutes, value } as const];
      this.#write({ type: "StatisticsReport", peer: this.#now(peer), statistics });
    }
    this.#after(STATISTICS_INTERVAL, () => this.#tellStatistics());
  }

  #now(peer: BmpPeer): BmpPeer {
    const now = this.#options.wallClock();
    return { ...peer, seconds: Math.floor(now / 1_000), microseconds: Math.floor((now % 1_000) * 1_000) };
  }

  #write(message: BmpMessage): void {
    const stream = this.#stream;
    if (stream === null || !this.#isOpen) return;
    stream.write(encodeBmpMessage(message));
    if (stream.waiting() <= MOST_WAITING) return;
    this.#options.log.warn({ waiting: stream.waiting() }, "BMP collector does not read; its connection is closed");
    this.#isOpen = false;
    stream.destroy();
  }

  #after(milliseconds: number, act: () => void): void {
    const { clock } = this.#options;
    const at: Instant = instant(clock.now() + milliseconds);
    const cancel = clock.wakeAt(at, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
  }
}

/** The reason of a session that ended without a NOTIFICATION: by us, with the number of the event in RFC 4271 §8.1.2, or by the peer. */
function silentReason(on: FsmEventType): PeerDownReason {
  if (on === "ManualStop") return { type: "LocalNoNotification", fsmEvent: 2 };
  return on === "AutomaticStop" ? { type: "LocalNoNotification", fsmEvent: 8 } : { type: "RemoteNoNotification" };
}

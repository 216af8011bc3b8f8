import { type BfdEffect, type BfdEvent, type BfdState, type SessionConfig, sessionsOf } from "@herald-lb/bfd";
import type { SystemError } from "@herald-lb/host";
import type { BgpBfdSession } from "@herald-lb/k8s-glue/announce";
import {
  type Clock,
  type Driver,
  familyOf,
  instant,
  type IpAddress,
  isLinkLocal,
  type Result,
} from "@herald-lb/sansio";
import { startBfd } from "./bfd-driver.ts";
import type { BgpBfdReport } from "./protocol.ts";
import { RetriedSocket } from "./retried-socket.ts";
import { SourcePorts } from "./source-ports.ts";

/** The ports that BFD listens on: RFC 5881 §4, RFC 5883 §5. */
const PORTS = { single: 3784, multi: 4784 } as const;
/** The TTL that no packet from beyond the link can have, RFC 5881 §5. */
const SINGLE_HOP_TTL = 255;
/** The time for which a session that has ended still tells its peer, in milliseconds: the machine's own limit. */
const ENDING = 10_000;
/** The pause before an interface that is not there is looked for again, in milliseconds. */
const INTERFACE_PAUSE = 1_000;

/** A UDP socket of BFD with routers, which sends with TTL 255. */
export interface BgpBfdSocket {
  readonly send: (octets: Uint8Array, to: { address: IpAddress; port: number; scopeId: number }) => void;
  readonly close: () => void;
}

/** The options of one. */
export interface BgpBfdSocketOptions {
  readonly address: IpAddress;
  readonly port: number;
  /** The device of a VRF to bind to; null for none. */
  readonly vrf: string | null;
  /** Lets a socket in a VRF and one outside have the same port. */
  readonly reuseAddress: boolean;
  /** Datagrams with a lower TTL are dropped by the kernel; null for none. */
  readonly minTtl: number | null;
  /** The octets are valid during the call alone. `scopeId` is the interface of a link-local sender. `ttl` is null where `minTtl` is not. */
  readonly onDatagram: (
    octets: Uint8Array,
    from: { readonly address: IpAddress; readonly scopeId: number },
    ttl: number | null,
  ) => void;
}

/** The dependencies of the BFD sessions with routers. */
export interface BgpBfdSessionsOptions {
  readonly clock: Clock;
  /** 32 octets of the system's randomness. */
  readonly seed: Uint8Array;
  readonly openSocket: (options: BgpBfdSocketOptions) => Result<BgpBfdSocket, SystemError>;
  /** The kernel's number for an interface; null where there is none of the name. */
  readonly interfaceIndex: (name: string) => number | null;
  readonly onReport: (sessions: readonly BgpBfdReport[]) => void;
  readonly onIgnored: (reason: string) => void;
}

/** A socket, and why it is not open. */
interface HeldSocket {
  readonly socket: RetriedSocket<BgpBfdSocket>;
  problem: string | null;
}

/** The BFD sessions with the routers that this node has BGP sessions with: the machine, a receiving socket for each family and distance, a sending one for each session. */
export class BgpBfdSessions {
  readonly #options: BgpBfdSessionsOptions;
  readonly #driver: Driver<BfdState, BfdEvent>;
  readonly #sourcePorts: SourcePorts;
  readonly #receivers = new Map<string, HeldSocket>();
  readonly #senders = new Map<string, HeldSocket>();
  readonly #changes = new Map<string, { ups: number; downs: number }>();
  #wanted: readonly BgpBfdSession[] = [];
  #looksForInterfaces = false;

  constructor(options: BgpBfdSessionsOptions) {
    this.#options = options;
    this.#sourcePorts = new SourcePorts(options.seed);
    this.#driver = startBfd(options.clock, options.seed, (effect) => this.#perform(effect));
  }

  /** Sets the sessions that there should be. One that is missing says AdminDown to its router, and ends. */
  desire(wanted: readonly BgpBfdSession[]): void {
    this.#wanted = wanted;
    this.#holdReceivers();
    this.#holdSenders();
    this.#apply();
  }

  /** Reports the sessions, if there are any. */
  report(): void {
    if (this.#wanted.length > 0) this.#options.onReport(this.#reports());
  }

  /** Ends every session at once, and closes the sockets. */
  close(): void {
    this.desire([]);
    this.#driver.stop();
    for (const { socket } of this.#senders.values()) socket.close();
    this.#senders.clear();
  }

  #apply(): void {
    const sessions = new Map<string, SessionConfig>();
    for (const each of this.#wanted) {
      const config = this.#configOf(each);
      if (config !== null) sessions.set(each.key, config);
    }
    for (const key of this.#changes.keys()) if (!sessions.has(key)) this.#changes.delete(key);
    this.#driver.dispatch({ type: "SessionsDesired", sessions });
    if (sessions.size < this.#wanted.length) this.#lookForInterfaces();
    this.#options.onReport(this.#reports());
  }

  #lookForInterfaces(): void {
    if (this.#looksForInterfaces) return;
    this.#looksForInterfaces = true;
    const { clock } = this.#options;
    clock.wakeAt(instant(clock.now() + INTERFACE_PAUSE), () => {
      this.#looksForInterfaces = false;
      this.#apply();
    });
  }

  /** Null while the interface of a link-local router, or the VRF, is not there. */
  #configOf({ remote, hops, interface: on, vrf, minimumTtl, ...options }: BgpBfdSession): SessionConfig | null {
    const name = hops === "single" ? (on ?? vrf) : null;
    const index = name === null ? null : this.#options.interfaceIndex(name);
    if (name !== null && index === null) return null;
    const { role, desiredMinTxInterval, requiredMinRxInterval, detectMult } = options;
    return {
      remote,
      port: PORTS[hops],
      hops,
      interface: index,
      minimumTtl: hops === "single" ? SINGLE_HOP_TTL : minimumTtl,
      role,
      desiredMinTxInterval,
      requiredMinRxInterval,
      detectMult,
      administrativelyDown: false,
      authentication: null,
    };
  }

  #holdReceivers(): void {
    const needed = new Set(this.#wanted.map((session) => this.#receiverOf(session)));
    for (const [key, { socket }] of this.#receivers) {
      if (needed.has(key)) continue;
      socket.close();
      this.#receivers.delete(key);
    }
    for (const session of this.#wanted) {
      const key = this.#receiverOf(session);
      if (!this.#receivers.has(key)) this.#hold(this.#receivers, key, () => this.#openReceiver(session));
    }
  }

  #openReceiver({ hops, remote, vrf }: BgpBfdSession): Result<BgpBfdSocket, SystemError> {
    const { openSocket, interfaceIndex } = this.#options;
    return openSocket({
      address: anyAddress(remote),
      port: PORTS[hops],
      vrf,
      reuseAddress: this.#hasVrf(),
      minTtl: hops === "single" ? SINGLE_HOP_TTL : null,
      onDatagram: (octets, { address, scopeId }, ttl) => {
        const device = isLinkLocalIpv6(address) ? scopeId : vrf === null ? null : interfaceIndex(vrf);
        const on = hops === "single" ? device : null;
        this.#driver.dispatch({ type: "PacketReceived", octets, from: address, hops, interface: on, ttl });
      },
    });
  }

  #holdSenders(): void {
    const { clock, openSocket } = this.#options;
    for (const { key, remote, sourceAddress, vrf } of this.#wanted) {
      if (this.#senders.has(key)) continue;
      const address = sourceAddress ?? anyAddress(remote);
      const bind = { address, vrf, reuseAddress: false, minTtl: SINGLE_HOP_TTL, onDatagram: () => {} };
      this.#hold(this.#senders, key, () => this.#sourcePorts.bind((port) => openSocket({ ...bind, port })));
    }
    // Its router is still told that the session has ended.
    for (const key of this.#senders.keys()) {
      if (!this.#isWanted(key)) clock.wakeAt(instant(clock.now() + ENDING), () => this.#closeSender(key));
    }
  }

  #closeSender(key: string): void {
    if (this.#isWanted(key)) return;
    this.#senders.get(key)?.socket.close();
    this.#senders.delete(key);
  }

  #isWanted(key: string): boolean {
    return this.#wanted.some((each) => each.key === key);
  }

  /** The receiving socket of a session. */
  #receiverOf({ remote, hops, vrf }: BgpBfdSession): string {
    return `${familyOf(remote)} ${hops} ${vrf ?? ""} ${this.#hasVrf() ? "shared" : ""}`;
  }

  #hasVrf(): boolean {
    return this.#wanted.some(({ vrf }) => vrf !== null);
  }

  #hold(sockets: Map<string, HeldSocket>, key: string, open: () => Result<BgpBfdSocket, SystemError>): void {
    const held: HeldSocket = {
      problem: null,
      socket: new RetriedSocket({
        clock: this.#options.clock,
        open,
        onProblem: (problem) => {
          held.problem = problem;
        },
      }),
    };
    sockets.set(key, held);
    held.socket.start();
  }

  #perform(effect: BfdEffect): void {
    switch (effect.type) {
      case "SendPacket": {
        const { session, octets, to: address, port, interface: on } = effect;
        this.#senders.get(session)?.socket.current?.send(octets, { address, port, scopeId: on ?? 0 });
        return;
      }
      case "SessionStateChanged": {
        const { session, from, to } = effect;
        if (!this.#isWanted(session)) return;
        const counts = this.#changes.get(session) ?? { ups: 0, downs: 0 };
        if (to === "Up") counts.ups++;
        else if (from === "Up") counts.downs++;
        this.#changes.set(session, counts);
        this.report();
        return;
      }
      case "PauseNoticed":
        return;
      case "Ignored":
        this.#options.onIgnored(effect.reason);
    }
  }

  #reports(): readonly BgpBfdReport[] {
    const views = new Map(sessionsOf(this.#driver.state).map((view) => [view.session, view]));
    return this.#wanted.map((wanted) => {
      const { key } = wanted;
      const view = views.get(key);
      const missing = view === undefined ? `no interface is named ${wanted.interface ?? wanted.vrf}` : null;
      const receiver = this.#receivers.get(this.#receiverOf(wanted))?.problem ?? null;
      return {
        key,
        state: view?.state ?? "Down",
        diagnostic: view?.diagnostic ?? 0,
        remoteState: view?.remoteState ?? "Down",
        remoteDiagnostic: view?.remoteDiagnostic ?? 0,
        packetsSent: view?.packetsSent ?? 0,
        packetsReceived: view?.packetsReceived ?? 0,
        ups: 0,
        downs: 0,
        ...this.#changes.get(key),
        problem: missing ?? receiver ?? this.#senders.get(key)?.problem ?? null,
      };
    });
  }
}

function anyAddress(remote: IpAddress): IpAddress {
  return (familyOf(remote) === "IPv4" ? "0.0.0.0" : "::") as IpAddress;
}

function isLinkLocalIpv6(address: IpAddress): boolean {
  return familyOf(address) === "IPv6" && isLinkLocal(address);
}

import {
  type BfdAuthentication,
  type BfdEffect,
  type BfdEvent,
  type BfdState,
  Diagnostic,
  type SessionConfig,
} from "@herald-lb/bfd";
import type { SystemError } from "@herald-lb/host";
import { bfdKey, type TransportAddress, type WatcherSession, type WatcherView } from "@herald-lb/membership";
import { type Clock, type Driver, type Instant, instant, type IpAddress, type Result } from "@herald-lb/sansio";
import { startBfd } from "./bfd-driver.ts";
import type { BfdSettings } from "./protocol.ts";
import { RetriedSocket } from "./retried-socket.ts";

/** The UDP socket of BFD. */
export interface BfdSocket {
  readonly send: (octets: Uint8Array, to: TransportAddress) => void;
  readonly close: () => void;
}

/** The dependencies of the BFD sessions. */
export interface BfdSessionsOptions {
  readonly clock: Clock;
  readonly settings: BfdSettings;
  readonly address: IpAddress;
  /** The memberlist keys, the first in use; empty for sessions without authentication. */
  readonly keys: readonly Uint8Array[];
  /** Opens the UDP socket. The octets of a datagram are valid during the call alone. */
  readonly openSocket: (
    bind: TransportAddress,
    onDatagram: (octets: Uint8Array, from: IpAddress) => void,
  ) => Result<BfdSocket, SystemError>;
  /** A session came up, was lost, or went down for another reason. */
  readonly onView: (node: string, view: WatcherView) => void;
  /** False when the last of the sessions that were up is lost, true when one is up again. */
  readonly onWatchers: (heard: boolean) => void;
  readonly onSessions: (counts: { readonly up: number; readonly wanted: number }) => void;
  readonly onIgnored: (reason: string) => void;
  /** The reason why the socket is not open, for people; null when it is. */
  readonly onProblem: (problem: string | null) => void;
}

/** The BFD sessions with the nodes that this one watches, and with its own watchers: the machine and its UDP socket. */
export class BfdSessions {
  readonly #options: BfdSessionsOptions;
  readonly #driver: Driver<BfdState, BfdEvent>;
  readonly #up = new Set<string>();
  /** The time at which each lost node was heard last. */
  readonly #lastHeard = new Map<string, Instant>();
  readonly #socket: RetriedSocket<BfdSocket>;
  #heardAny = true;
  #wanted: readonly WatcherSession[] = [];

  constructor(options: BfdSessionsOptions) {
    this.#options = options;
    const { clock, settings, address, openSocket, onProblem } = options;
    this.#driver = startBfd(clock, settings.seed, (effect) => this.#perform(effect));
    this.#socket = new RetriedSocket({
      clock,
      open: () =>
        openSocket({ address, port: settings.port }, (octets, from) =>
          this.#driver.dispatch({ type: "PacketReceived", octets, from, hops: "multi", interface: null, ttl: null }),
        ),
      onOpen: () => this.desire(this.#wanted),
      onProblem: (problem) => onProblem(problem === null ? null : `BFD socket: ${problem}`),
    });
  }

  /** Opens the socket; tries again while it cannot be opened, as before the node has its address. */
  start(): void {
    this.#socket.start();
  }

  /** Sets the sessions that there should be. */
  desire(wanted: readonly WatcherSession[]): void {
    this.#wanted = wanted;
    if (this.#socket.current === null) return;
    const sessions = new Map(wanted.map((each) => [String(each.node), this.#configOf(each)]));
    this.#driver.dispatch({ type: "SessionsDesired", sessions });
    for (const node of this.#up) if (!sessions.has(node)) this.#up.delete(node);
    this.#report();
  }

  /** The milliseconds since a node whose session is lost was heard; null for any other. */
  silenceOf(node: string): number | null {
    const heardAt = this.#lastHeard.get(node);
    return heardAt === undefined ? null : this.#options.clock.now() - heardAt;
  }

  /** Closes the socket. */
  close(): void {
    this.#driver.stop();
    this.#socket.close();
  }

  #configOf({ address, port }: WatcherSession): SessionConfig {
    const { interval, multiplier } = this.#options.settings;
    return {
      remote: address,
      port,
      // Nodes may be on several segments; what a router in between could forge, the key prevents.
      hops: "multi",
      interface: null,
      minimumTtl: 1,
      role: "active",
      desiredMinTxInterval: interval,
      requiredMinRxInterval: interval,
      detectMult: multiplier,
      administrativelyDown: false,
      authentication: this.#authentication(),
    };
  }

  #authentication(): BfdAuthentication | null {
    const [first, ...others] = this.#options.keys.map(bfdKey);
    if (first === undefined) return null;
    const key = (secret: Uint8Array): { id: number; secret: Uint8Array } => ({ id: keyId(secret), secret });
    return { type: "MeticulousKeyedSha1", keys: [key(first), ...others.map(key)] };
  }

  #perform(effect: BfdEffect): void {
    switch (effect.type) {
      case "SendPacket":
        this.#socket.current?.send(effect.octets, { address: effect.to, port: effect.port });
        return;
      case "SessionStateChanged": {
        const { session, to } = effect;
        const view: WatcherView = to === "Up" ? "Up" : isLoss(effect) ? "Lost" : "Down";
        if (view === "Up") this.#up.add(session);
        else this.#up.delete(session);
        this.#noteHearing(session, view);
        this.#report();
        this.#options.onView(session, view);
        return;
      }
      case "PauseNoticed":
        return;
      case "Ignored":
        this.#options.onIgnored(effect.reason);
    }
  }

  #noteHearing(session: string, view: WatcherView): void {
    const { clock, settings, onWatchers } = this.#options;
    if (view === "Up") this.#lastHeard.delete(session);
    if (view === "Lost") this.#lastHeard.set(session, instant(clock.now() - settings.interval * settings.multiplier));
    const heardAny = this.#up.size > 0 || (this.#heardAny && view !== "Lost");
    if (heardAny === this.#heardAny) return;
    this.#heardAny = heardAny;
    onWatchers(heardAny);
  }

  #report(): void {
    this.#options.onSessions({ up: this.#up.size, wanted: this.#wanted.length });
  }
}

/** True for a session that was up and is lost: this node hears nothing, or the peer says that it hears nothing of this node. A deaf node serves nobody. */
function isLoss({ from, diagnostic, remoteDiagnostic }: Extract<BfdEffect, { type: "SessionStateChanged" }>): boolean {
  const expired = Diagnostic.ControlDetectionTimeExpired;
  const isDeaf = diagnostic === Diagnostic.NeighborSignaledSessionDown && remoteDiagnostic === expired;
  return from === "Up" && (diagnostic === expired || isDeaf);
}

/** The Auth Key ID of a key: its first octet, so that all nodes name a key alike, in any order of the keys. */
function keyId(secret: Uint8Array): number {
  return secret[0] ?? 0;
}

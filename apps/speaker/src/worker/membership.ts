import type { SystemError } from "@herald-lb/host";
import {
  createMembership,
  type TransportAddress,
  fast,
  initialMembership,
  lan,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  membersOf,
  nodeName,
  type Profile,
  wan,
  type WatcherSession,
  type WatcherView,
} from "@herald-lb/membership";
import { type Clock, createDriver, type Driver, type Result } from "@herald-lb/sansio";
import type { Death, StreamEffect, WorkerSettings } from "./protocol.ts";
import { RetriedSocket } from "./retried-socket.ts";

const PROFILES: Readonly<Record<"fast" | "lan" | "wan", Profile>> = { fast, lan, wan };

/** The UDP socket of the memberlist cluster. */
export interface MembershipSocket {
  readonly send: (octets: Uint8Array, to: TransportAddress) => void;
  readonly close: () => void;
}

/** The live members, this node among them, and the names that joined or left since the last time. */
export interface MemberNames {
  readonly live: readonly string[];
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly died: readonly Death[];
}

/** The dependencies of a membership. */
export interface MembershipOptions {
  readonly clock: Clock;
  readonly settings: NonNullable<WorkerSettings["membership"]>;
  readonly node: string;
  /** Opens the UDP socket. The octets of a datagram are the receiver's to keep. */
  readonly openSocket: (
    bind: TransportAddress,
    onDatagram: (octets: Uint8Array, from: TransportAddress) => void,
  ) => Result<MembershipSocket, SystemError>;
  readonly onMembers: (members: MemberNames) => void;
  /** The number of other speakers that should be members. */
  readonly onPeers: (count: number) => void;
  readonly onLeft: () => void;
  readonly onIgnored: (reason: string) => void;
  readonly onStream: (effect: StreamEffect) => void;
  /** The BFD sessions that the watchers need, whole every time. */
  readonly onSessions: (sessions: readonly WatcherSession[]) => void;
  /** This node declared another dead, because these watchers have lost it. */
  readonly onDeath: (node: string, by: readonly string[]) => void;
  /** Another member had declared this node dead. */
  readonly onDeathRefuted: () => void;
  /** The data of another speaker, new or changed. */
  readonly onNodeData: (node: string, octets: Uint8Array) => void;
  /** Other members have said that this node lives, or know by now. */
  readonly onConfirmed: (live: readonly string[]) => void;
  /** The reason why the socket is not open, for people; null when it is. */
  readonly onProblem: (problem: string | null) => void;
}

/** This node's part in the memberlist cluster of the speakers: the machine and its UDP socket. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #driver: Driver<MembershipState, MembershipEvent>;
  readonly #socket: RetriedSocket<MembershipSocket>;
  /** The newest peers, for a machine that could not start yet. */
  #peers: Extract<MembershipEvent, { type: "PeersDesired" }> | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { settings, clock, node, openSocket, onProblem } = options;
    const config = {
      name: nodeName(node),
      advertise: settings.bind,
      profile: PROFILES[settings.profile],
      keyring: settings.keys,
      seed: settings.seed,
      bfd: settings.bfd,
      // Every receiver takes both kinds. On one network the octets cost less than the time to compress and to expand them.
      compression: false,
    };
    this.#driver = createDriver({
      machine: createMembership(config),
      initial: initialMembership(config),
      perform: (effect) => this.#perform(effect),
      clock,
    });
    this.#socket = new RetriedSocket({
      clock,
      open: () =>
        openSocket(settings.bind, (octets, from) => this.#driver.dispatch({ type: "PacketReceived", from, octets })),
      onOpen: () => this.#begin(),
      onProblem: (problem) => onProblem(problem === null ? null : `membership socket: ${problem}`),
    });
  }

  /** Opens the socket and starts the machine, now or once the socket can be opened. */
  start(): void {
    this.#socket.start();
  }

  /** Gives the machine an event of the main thread. */
  dispatch(event: MembershipEvent): void {
    if (event.type === "PeersDesired") this.#peers = event;
    if (this.#socket.current === null) return;
    this.#driver.dispatch(event);
    if (event.type !== "PeersDesired") return;
    const { address, port } = this.#options.settings.bind;
    this.#options.onPeers(event.peers.filter((peer) => peer.address !== address || peer.port !== port).length);
  }

  /** Takes a change of a BFD session. */
  changeView(node: string, view: WatcherView): void {
    if (this.#socket.current !== null) this.#driver.dispatch({ type: "BfdSessionChanged", node: nodeName(node), view });
  }

  /** Asks the other members whether they took this node for dead; `onConfirmed` follows once they have answered. */
  confirm(): void {
    this.#driver.dispatch({ type: "ConfirmationRequested" });
  }

  /** Gives every other speaker these octets as the data of this node. */
  publish(octets: Uint8Array): void {
    this.#driver.dispatch({ type: "NodeDataDesired", octets });
  }

  /** Joins the peers that are not members, now. */
  rejoin(): void {
    this.#driver.dispatch({ type: "RejoinRequested" });
  }

  /** Tells the other members that this node leaves; `onLeft` follows. */
  leave(): void {
    if (this.#socket.current !== null) this.#driver.dispatch({ type: "LeaveRequested" });
    else {
      this.#socket.close();
      this.#options.onLeft();
    }
  }

  /** Closes the socket. */
  close(): void {
    this.#driver.stop();
    this.#socket.close();
  }

  #begin(): void {
    this.#driver.dispatch({ type: "Started" });
    if (this.#peers !== null) this.dispatch(this.#peers);
  }

  #perform(effect: MembershipEffect): void {
    switch (effect.type) {
      case "SendPacket":
        this.#socket.current?.send(effect.octets, effect.to);
        return;
      case "OpenStream":
      case "ReplyStream":
      case "CloseStream":
        this.#options.onStream(effect);
        return;
      case "MembersChanged":
        this.#options.onMembers({
          live: this.#live(),
          joined: effect.joined.map(({ name }) => String(name)),
          left: effect.left.map(({ name }) => String(name)),
          died: effect.left
            .filter(({ state }) => state === "dead")
            .map(({ name, declaredBy }) => ({
              node: String(name),
              by: declaredBy === null ? null : String(declaredBy),
            })),
        });
        return;
      case "SessionsDesired":
        this.#options.onSessions(effect.sessions);
        return;
      case "NodeDataChanged":
        this.#options.onNodeData(effect.node, effect.octets);
        return;
      case "DeathDeclared":
        this.#options.onDeath(effect.node, effect.by);
        return;
      case "DeathRefuted":
        this.#options.onDeathRefuted();
        return;
      case "MembershipConfirmed":
        this.#options.onConfirmed(this.#live());
        return;
      case "LeaveCompleted":
        this.#options.onLeft();
        return;
      case "Ignored":
        this.#options.onIgnored(effect.reason);
    }
  }

  /** A suspect still counts as live: it may refute. */
  #live(): readonly string[] {
    const live = membersOf(this.#driver.state).filter(({ state }) => state === "alive" || state === "suspect");
    return live.map(({ name }) => String(name));
  }
}

import { openUdpSocket, type PollLoop, type UdpSocket } from "@herald-lb/host";
import {
  createMembership,
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
} from "@herald-lb/membership";
import { createDriver, type Driver, instant } from "@herald-lb/sansio";
import type { FromWorker, WorkerSettings } from "./protocol.ts";

const PROFILES: Readonly<Record<"fast" | "lan" | "wan", Profile>> = { fast, lan, wan };
/** How long a speaker that cannot reach any other waits before it takes itself for the only one, in milliseconds. */
const ALONE_AFTER = 2_500;
/** How long a speaker that reached some waits for the rest that it was told of, in milliseconds. */
const REST_AFTER = 500;

/** What the ring tells. */
export interface RingOptions {
  readonly loop: PollLoop;
  readonly settings: NonNullable<WorkerSettings["membership"]>;
  readonly node: string;
  /** Names of the nodes whose speaker lives, this one among them, and who came back since the last time. */
  readonly onLive: (live: ReadonlySet<string>, joined: ReadonlySet<string>) => void;
  readonly onIgnored: (reason: string) => void;
  readonly onLeft: () => void;
  readonly post: (message: FromWorker) => void;
}

/** This node's place in the ring: the machine, its UDP socket, and who lives. */
export class Ring {
  readonly #options: RingOptions;
  readonly #driver: Driver<MembershipState, MembershipEvent>;
  #socket: UdpSocket | null = null;
  /** The peers as they were wanted last, for a ring that could not start yet. */
  #peers: Extract<MembershipEvent, { type: "PeersDesired" }> | null = null;
  #known = false;
  #reached = false;
  #cancelAlone: (() => void) | null = null;

  constructor(options: RingOptions) {
    this.#options = options;
    const { settings, loop, node } = options;
    const config = {
      name: nodeName(node),
      advertise: settings.bind,
      profile: PROFILES[settings.profile],
      keyring: settings.keys,
      seed: settings.seed,
    };
    this.#driver = createDriver({
      machine: createMembership(config),
      initial: initialMembership(config),
      perform: (effect) => this.#perform(effect),
      clock: loop.clock,
    });
  }

  /** Opens the socket and starts; says why it could not. */
  start(): string | null {
    const { loop, settings } = this.#options;
    const socket = openUdpSocket(loop, {
      ...settings.bind,
      onDatagram: (octets, { address, port }) =>
        // The loop receives into one buffer: what the machine may keep must be a copy.
        this.#driver.dispatch({ type: "PacketReceived", from: { address, port }, octets: octets.slice() }),
    });
    if (!socket.ok) return `membership socket: ${socket.error.syscall}: ${socket.error.code}`;
    this.#socket = socket.value;
    this.#driver.dispatch({ type: "Started" });
    if (this.#peers !== null) this.dispatch(this.#peers);
    return null;
  }

  /** Passes an event of the main thread on. */
  dispatch(event: MembershipEvent): void {
    if (event.type === "PeersDesired") this.#peers = event;
    if (this.#socket === null) {
      if (event.type === "LeaveRequested") this.#options.onLeft();
      return;
    }
    this.#driver.dispatch(event);
    if (event.type !== "PeersDesired" || this.#known) return;
    if (this.#others() === 0) this.#settle(new Set());
    else if (this.#cancelAlone === null) this.#settleAfter(ALONE_AFTER);
  }

  /** Closes the socket. */
  close(): void {
    this.#driver.stop();
    this.#cancelAlone?.();
    this.#socket?.close();
  }

  #perform(effect: MembershipEffect): void {
    switch (effect.type) {
      case "SendPacket":
        this.#socket?.send(effect.octets, { ...effect.to, scopeId: 0 });
        return;
      case "OpenStream":
      case "ReplyStream":
      case "CloseStream":
        this.#options.post({ type: "Stream", effect });
        return;
      case "MembersChanged": {
        const joined = effect.joined.map(({ name }) => String(name));
        const left = effect.left.map(({ name }) => String(name));
        if (this.#known || this.#live().size > this.#others()) this.#settle(new Set(joined));
        else if (!this.#reached) this.#settleAfter(REST_AFTER);
        this.#reached = true;
        this.#options.post({ type: "MembersChanged", alive: [...this.#live()], joined, left });
        return;
      }
      case "LeaveCompleted":
        this.#options.onLeft();
        return;
      case "Ignored":
        this.#options.onIgnored(effect.reason);
    }
  }

  /** How many other speakers there should be. */
  #others(): number {
    const { address, port } = this.#options.settings.bind;
    return (this.#peers?.peers ?? []).filter((peer) => peer.address !== address || peer.port !== port).length;
  }

  /** Takes those who live after so long for everybody. */
  #settleAfter(delay: number): void {
    const { clock } = this.#options.loop;
    this.#cancelAlone?.();
    this.#cancelAlone = clock.wakeAt(instant(clock.now() + delay), () => this.#settle(new Set()));
  }

  #settle(joined: ReadonlySet<string>): void {
    const live = this.#live();
    this.#known = true;
    this.#cancelAlone?.();
    this.#cancelAlone = null;
    this.#options.onLive(live, joined);
  }

  #live(): ReadonlySet<string> {
    const alive = membersOf(this.#driver.state).filter(({ state }) => state === "alive" || state === "suspect");
    return new Set(alive.map(({ name }) => String(name)));
  }
}

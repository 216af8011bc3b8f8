import {
  createResponderState,
  createTakeover,
  createTakeoverState,
  decodeNodeReport,
  defaultTakeoverTimes,
  encodeNodeReport,
  type Interface,
  type InterfaceIndex,
  responder,
  type ResponderEffect,
  type ResponderEvent,
  type ResponderState,
  type TakeoverEffect,
  type TakeoverEvent,
  type TakeoverState,
} from "@herald-lb/arp-responder";
import type { NetworkInterface, InterfaceObserver, SystemError } from "@herald-lb/host";
import { type Clock, createDriver, type Driver, instant, isIpv6, type Result } from "@herald-lb/sansio";
import { announceableInterface } from "./announceable-interface.ts";
import { BfdSessions, type BfdSessionsOptions } from "./bfd-sessions.ts";
import { Counters } from "./counters.ts";
import { InterfaceSockets, type OpenInterface } from "./interface-sockets.ts";
import { LostLinksRecord } from "./lost-links.ts";
import { Membership, type MembershipOptions, type MemberNames } from "./membership.ts";
import { ProblemReport } from "./problem-report.ts";
import { TakeoverMeasurement } from "./takeover-measurement.ts";
import type { BfdSettings, FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";

/** The pause between two reports of counters, in milliseconds. */
const COUNT_INTERVAL = 1_000;

/** The dependencies of the worker: its clock, its sockets and the main thread. */
export interface WorkerOptions {
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly post: (message: FromWorker) => void;
  readonly openInterface: OpenInterface;
  readonly openMembershipSocket: MembershipOptions["openSocket"];
  readonly openBfdSocket: BfdSessionsOptions["openSocket"];
  /** Follows the interfaces of the node. */
  readonly watchInterfaces: (observer: InterfaceObserver) => Result<unknown, SystemError>;
}

/** The worker thread: takeover, responder and membership, and the way of each effect of one to an event of another. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #counters = new Counters();
  readonly #problems: ProblemReport;
  readonly #sockets: InterfaceSockets;
  readonly #membership: Membership | null;
  readonly #bfd: BfdSessions | null;
  readonly #lostLinks = new LostLinksRecord();
  readonly #measurement: TakeoverMeasurement;
  readonly #takeover: Driver<TakeoverState, TakeoverEvent>;
  readonly #responder: Driver<ResponderState, ResponderEvent>;
  readonly #excluded: RegExp | null;
  #interfaces: readonly Interface[] = [];
  #stopped = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { settings, clock, post, openInterface } = options;
    const { node, excludedInterfaces, isolated, membership } = settings;
    this.#measurement = new TakeoverMeasurement(clock);
    this.#excluded = excludedInterfaces === "" ? null : new RegExp(excludedInterfaces);
    this.#problems = new ProblemReport((problem) => post({ type: "ProblemChanged", problem }));
    this.#sockets = new InterfaceSockets({
      open: openInterface,
      onFrame: (on, octets) => this.#responder.dispatch({ type: "FrameReceived", on, octets }),
      onGone: (on) => this.#follow(this.#interfaces.filter(({ index }) => index !== on)),
    });
    this.#responder = createDriver({
      machine: responder,
      initial: createResponderState(),
      perform: (effect) => this.#performResponder(effect),
      clock,
    });
    this.#takeover = createDriver({
      machine: createTakeover({ node, hasMembership: membership !== null, isolated, times: defaultTakeoverTimes }),
      initial: createTakeoverState(),
      perform: (effect) => this.#performTakeover(effect),
      clock,
    });
    this.#membership = membership === null ? null : this.#createMembership(membership);
    this.#bfd = membership === null || membership.bfd === null ? null : this.#createBfd(membership, membership.bfd);
  }

  /** Opens what can be opened, and tells the main thread of what cannot. */
  start(): void {
    const netlinkProblem = ({ syscall, code }: SystemError): string => `netlink: ${syscall}: ${code}`;
    const watched = this.#options.watchInterfaces({
      onChange: (all) => this.#changeInterfaces(all),
      onError: (error) => this.#problems.note("netlink", netlinkProblem(error)),
    });
    if (!watched.ok) this.#problems.note("netlink", netlinkProblem(watched.error));
    this.#membership?.start();
    this.#bfd?.start();
    this.#problems.report();
    this.#reportCounts();
  }

  /** Takes a message of the main thread. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case "AnnouncementRequested":
      case "AnnouncementWithdrawn":
      case "NodesListed":
      case "OthersReachable":
      case "ApiServerProbed":
      case "StopRequested":
        this.#takeover.dispatch(message);
        return;
      case "PeersDesired":
      case "StreamAccepted":
      case "StreamReceived":
      case "StreamClosed":
        this.#membership?.dispatch(message);
    }
  }

  /**
   * Takes note that the loop stood still: what came meanwhile is too old to answer, and another node may answer by now. Must be called before
   * any frame is read.
   */
  pause(duration: number): void {
    this.#sockets.discard();
    this.#options.post({ type: "PauseNoticed", duration });
    this.#takeover.dispatch({ type: "PauseNoticed" });
  }

  #createMembership(settings: NonNullable<WorkerSettings["membership"]>): Membership {
    const { clock, post, openMembershipSocket } = this.#options;
    return new Membership({
      clock,
      settings,
      node: this.#options.settings.node,
      openSocket: openMembershipSocket,
      onMembers: (members) => this.#changeMembers(members),
      onPeers: (count) => this.#takeover.dispatch({ type: "PeersExpected", count }),
      onLeft: () => this.#takeover.dispatch({ type: "LeaveCompleted" }),
      onIgnored: (reason) => this.#counters.add("membershipIgnored", reason),
      onStream: (effect) => post({ type: "Stream", effect }),
      onSessions: (sessions) => this.#bfd?.desire(sessions),
      onDeath: (node, by) => post({ type: "DeathDeclared", node, by, silentFor: this.#bfd?.silenceOf(node) ?? null }),
      onNodeData: (node, octets) => this.#receiveReport(node, octets),
      onDeathRefuted: () => this.#takeover.dispatch({ type: "DeathRefuted" }),
      onConfirmed: (live) => this.#takeover.dispatch({ type: "MembershipConfirmed", live }),
      onProblem: (problem) => this.#problems.note("membership", problem),
    });
  }

  #createBfd({ bind, keys }: NonNullable<WorkerSettings["membership"]>, settings: BfdSettings): BfdSessions {
    const { clock, post, openBfdSocket } = this.#options;
    return new BfdSessions({
      clock,
      settings,
      address: bind.address,
      keys,
      openSocket: openBfdSocket,
      onView: (node, view) => this.#membership?.changeView(node, view),
      onWatchers: (heard) => this.#takeover.dispatch({ type: heard ? "WatchersHeard" : "WatchersLost" }),
      onSessions: (counts) => post({ type: "BfdSessionsChanged", ...counts }),
      onIgnored: (reason) => this.#counters.add("bfdIgnored", reason),
      onProblem: (problem) => this.#problems.note("BFD", problem),
    });
  }

  #changeMembers({ live, joined, left, died }: MemberNames): void {
    // First: the announcements that follow name the nodes that found a death.
    this.#options.post({ type: "MembersChanged", alive: live, joined, left, died });
    const decide = (): void =>
      this.#takeover.dispatch({ type: "MembersChanged", live, joined, died: died.map(({ node }) => node) });
    if (died.length === 0) decide();
    else this.#measurement.during(decide);
  }

  #receiveReport(node: string, octets: Uint8Array): void {
    const report = decodeNodeReport(octets);
    if (report === null) this.#counters.add("membershipIgnored", "UnreadableReport");
    else this.#takeover.dispatch({ type: "ReportReceived", node, report });
  }

  #performTakeover(effect: TakeoverEffect): void {
    switch (effect.type) {
      case "Announce": {
        const { key, addresses, interfaces } = effect;
        this.#measurement.desired(addresses);
        this.#responder.dispatch({ type: "AnnouncementDesired", key, addresses, interfaces });
        return;
      }
      case "Withdraw":
        this.#responder.dispatch({ type: "AnnouncementGone", key: effect.key });
        return;
      case "Yield":
        this.#responder.dispatch({ type: "AnnouncementYielded", key: effect.key });
        return;
      case "StartHandover":
        this.#responder.dispatch({ type: "HandoverStarted" });
        return;
      case "ConfirmMembership":
        this.#membership?.confirm();
        return;
      case "RejoinMembership":
        this.#membership?.rejoin();
        return;
      case "PublishReport":
        this.#membership?.publish(encodeNodeReport(effect.report));
        return;
      case "LeaveMembership":
        this.#membership?.leave();
        return;
      case "Announcing":
      case "NotAnnouncing":
      case "ProbeApiServer":
        this.#options.post(effect);
        return;
      case "Stopped":
        this.#stop();
    }
  }

  #performResponder(effect: ResponderEffect): void {
    switch (effect.type) {
      case "SendFrame":
        this.#sockets.on(effect.on)?.send(effect.octets, isIpv6(effect.address) ? "NDP" : "ARP");
        if (effect.purpose === "Reply") {
          this.#counters.add("requests", effect.address);
          this.#counters.add("replies", effect.address);
        } else {
          this.#measurement.announced(effect.address);
          this.#counters.add("announcements", effect.address);
        }
        return;
      case "JoinGroup":
        this.#sockets.on(effect.on)?.join(effect.group);
        return;
      case "LeaveGroup":
        this.#sockets.on(effect.on)?.leave(effect.group);
        return;
      case "Conflict": {
        const { address, by, on } = effect;
        this.#options.post({ type: "Conflict", address, by, interface: this.#nameOf(on) });
        return;
      }
      case "Ignored":
        this.#counters.add("ignored", effect.reason);
    }
  }

  #changeInterfaces(all: readonly NetworkInterface[]): void {
    const usable = all.flatMap((facts) => {
      const each = announceableInterface(facts, this.#excluded);
      return each === null ? [] : [{ facts, each }];
    });
    this.#follow(usable.map(({ each }) => each));
    const links = this.#lostLinks.update(usable.map(({ facts }) => facts));
    if (links !== null) this.#takeover.dispatch({ type: "LinksLost", links });
  }

  #follow(wanted: readonly Interface[]): void {
    if (this.#stopped) return;
    const before = this.#interfaces;
    this.#interfaces = this.#sockets.follow(wanted);
    // Before the responder announces on it: others may serve by now.
    if (hasNewLink(before, this.#interfaces)) this.#takeover.dispatch({ type: "LinkRestored" });
    this.#responder.dispatch({ type: "InterfacesChanged", interfaces: this.#interfaces });
    this.#takeover.dispatch({ type: "InterfacesChanged", names: this.#interfaces.map(({ name }) => name) });
    this.#problems.note("interfaces", this.#sockets.problem);
  }

  #nameOf(on: InterfaceIndex): string {
    return this.#interfaces.find(({ index }) => index === on)?.name ?? `#${on}`;
  }

  #reportCounts(): void {
    const { clock, post } = this.#options;
    const counts = this.#counters.take();
    if (counts !== null) post({ type: "Counted", counts });
    const milliseconds = this.#measurement.take();
    if (milliseconds.length > 0) post({ type: "TakeoversMeasured", milliseconds });
    clock.wakeAt(instant(clock.now() + COUNT_INTERVAL), () => this.#reportCounts());
  }

  #stop(): void {
    this.#stopped = true;
    this.#sockets.close();
    this.#bfd?.close();
    this.#membership?.close();
    this.#responder.stop();
    this.#options.post({ type: "Stopped" });
  }
}

/** True where frames can go over an interface over which none could before. */
function hasNewLink(before: readonly Interface[], after: readonly Interface[]): boolean {
  const usable = new Set(before.filter(({ up, carrier }) => up && carrier).map(({ index }) => index));
  return after.some(({ index, up, carrier }) => up && carrier && !usable.has(index));
}

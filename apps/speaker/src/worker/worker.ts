import {
  createTakeover,
  createTakeoverState,
  defaultTakeoverTimes,
  type TakeoverEffect,
  type TakeoverEvent,
  type TakeoverState,
} from "@herald-lb/arp-responder";
import { type Clock, createDriver, type Driver, instant } from "@herald-lb/sansio";
import { BgpBfdSessions, type BgpBfdSessionsOptions } from "./bgp-bfd-sessions.ts";
import { Counters } from "./counters.ts";
import { OtherSpeakers, type OtherSpeakersOptions } from "./other-speakers.ts";
import { ProblemReport } from "./problem-report.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";
import { RouterDiscovery, type RouterDiscoveryOptions } from "./router-discovery.ts";
import { Segment, type SegmentOptions } from "./segment.ts";
import { TakeoverMeasurement } from "./takeover-measurement.ts";

/** The pause between two reports of counters, in milliseconds. */
const COUNT_INTERVAL = 1_000;

/** The dependencies of the worker: its clock, its sockets and the main thread. */
export interface WorkerOptions
  extends Pick<SegmentOptions, "openInterface" | "watchInterfaces">,
    Pick<OtherSpeakersOptions, "openMembershipSocket" | "openBfdSocket">,
    Pick<RouterDiscoveryOptions, "openRouterDiscovery">,
    Pick<BgpBfdSessionsOptions, "interfaceIndex"> {
  readonly openBgpBfdSocket: BgpBfdSessionsOptions["openSocket"];
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly post: (message: FromWorker) => void;
}

/** The worker thread: the takeover, and the way of each effect of it to the segment, the other speakers or the main thread. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #counters = new Counters();
  readonly #measurement: TakeoverMeasurement;
  readonly #problems: ProblemReport;
  readonly #segment: Segment;
  readonly #routers: RouterDiscovery;
  readonly #takeover: Driver<TakeoverState, TakeoverEvent>;
  /** Null where the speakers form no memberlist cluster. */
  readonly #others: OtherSpeakers | null;
  readonly #bgpBfd: BgpBfdSessions;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { clock, post, openInterface, watchInterfaces, openMembershipSocket, openBfdSocket, openRouterDiscovery } =
      options;
    const { node, excludedInterfaces, seed, isolated, membership, bgpBfdSeed } = options.settings;
    this.#measurement = new TakeoverMeasurement(clock);
    this.#problems = new ProblemReport((problem) => post({ type: "ProblemChanged", problem }));
    const shared = {
      clock,
      post,
      tell: (event: TakeoverEvent): void => this.#takeover.dispatch(event),
      counters: this.#counters,
      measurement: this.#measurement,
      problems: this.#problems,
    };
    this.#segment = new Segment({ ...shared, excludedInterfaces, seed, openInterface, watchInterfaces });
    this.#routers = new RouterDiscovery({ clock, post, openRouterDiscovery });
    this.#takeover = createDriver({
      machine: createTakeover({ node, hasMembership: membership !== null, isolated, times: defaultTakeoverTimes }),
      initial: createTakeoverState(),
      perform: (effect) => this.#perform(effect),
      clock,
    });
    this.#others =
      membership === null
        ? null
        : new OtherSpeakers({ ...shared, node, settings: membership, openMembershipSocket, openBfdSocket });
    this.#bgpBfd = new BgpBfdSessions({
      clock,
      seed: bgpBfdSeed,
      openSocket: options.openBgpBfdSocket,
      interfaceIndex: options.interfaceIndex,
      onReport: (sessions) => post({ type: "BgpBfdReported", sessions }),
      onIgnored: (reason) => this.#counters.add("bfdIgnored", reason),
    });
  }

  /** Opens what can be opened, and tells the main thread of what cannot. */
  start(): void {
    this.#segment.start();
    this.#others?.start();
    this.#problems.report();
    this.#reportCounts();
  }

  /** Takes a message of the main thread. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case "AnnouncementRequested":
      case "AnnouncementWithdrawn":
      case "RequestsListed":
      case "NodesListed":
      case "OthersReachable":
      case "ApiServerProbed":
        this.#takeover.dispatch(message);
        return;
      case "StopRequested":
        this.#bgpBfd.desire([]);
        this.#takeover.dispatch(message);
        return;
      case "BgpBfdSessionsDesired":
        this.#bgpBfd.desire(message.sessions);
        return;
      case "PeersDesired":
      case "StreamAccepted":
      case "StreamReceived":
      case "StreamClosed":
        this.#others?.receive(message);
        return;
      case "RoutersWanted":
        this.#routers.desire(message.interfaces);
    }
  }

  /**
   * Takes note that the loop stood still: what came meanwhile is too old to answer, and another node may answer by now. Must be called before
   * any frame is read.
   */
  pause(duration: number): void {
    this.#segment.discard();
    this.#options.post({ type: "PauseNoticed", duration });
    this.#takeover.dispatch({ type: "PauseNoticed" });
  }

  #perform(effect: TakeoverEffect): void {
    switch (effect.type) {
      case "Announce":
        this.#segment.announce(effect);
        return;
      case "Withdraw":
        this.#segment.withdraw(effect.key);
        return;
      case "Yield":
        this.#segment.yield(effect.key);
        return;
      case "SpeakersChanged":
        this.#segment.changeSpeakers(effect);
        return;
      case "BeginSilence":
        this.#segment.beginSilence();
        this.#options.post({ type: "SilenceChanged", silent: true });
        return;
      case "EndSilence":
        this.#segment.endSilence();
        this.#options.post({ type: "SilenceChanged", silent: false });
        return;
      case "StartHandover":
        this.#segment.startHandover();
        return;
      case "ConfirmMembership":
        this.#others?.confirm();
        return;
      case "RejoinMembership":
        this.#others?.rejoin();
        return;
      case "PublishReport":
        this.#others?.publish(effect.report);
        return;
      case "LeaveMembership":
        this.#others?.leave();
        return;
      case "Announcing":
      case "NotAnnouncing":
      case "ProbeApiServer":
        this.#options.post(effect);
        return;
      case "Stopped":
        this.#segment.close();
        this.#others?.close();
        this.#routers.close();
        this.#bgpBfd.close();
        this.#options.post({ type: "Stopped" });
    }
  }

  #reportCounts(): void {
    const { clock, post } = this.#options;
    const counts = this.#counters.take();
    if (counts !== null) post({ type: "Counted", counts });
    const milliseconds = this.#measurement.take();
    if (milliseconds.length > 0) post({ type: "TakeoversMeasured", milliseconds });
    this.#bgpBfd.report();
    clock.wakeAt(instant(clock.now() + COUNT_INTERVAL), () => this.#reportCounts());
  }
}

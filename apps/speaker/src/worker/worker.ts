import {
  createTakeover,
  createTakeoverState,
  defaultTakeoverTimes,
  type TakeoverEffect,
  type TakeoverEvent,
  type TakeoverState,
} from "@herald-lb/arp-responder";
import { createDriver, type Driver, instant } from "@herald-lb/sansio";
import { Counters } from "./counters.ts";
import { OtherSpeakers, type OtherSpeakersOptions } from "./other-speakers.ts";
import { ProblemReport } from "./problem-report.ts";
import type { ToWorker } from "./protocol.ts";
import { Segment, type SegmentOptions } from "./segment.ts";
import { TakeoverMeasurement } from "./takeover-measurement.ts";

/** The pause between two reports of counters, in milliseconds. */
const COUNT_INTERVAL = 1_000;

/** The dependencies of the worker: its clock, its sockets and the main thread. */
export interface WorkerOptions
  extends Pick<SegmentOptions, "openInterface" | "watchInterfaces">,
    Pick<OtherSpeakersOptions, "settings" | "clock" | "post" | "openMembershipSocket" | "openBfdSocket"> {}

/** The worker thread: the takeover, and the way of its effects to the segment and to the other speakers. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #counters = new Counters();
  readonly #problems: ProblemReport;
  readonly #measurement: TakeoverMeasurement;
  readonly #segment: Segment;
  readonly #takeover: Driver<TakeoverState, TakeoverEvent>;
  readonly #others: OtherSpeakers;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { settings, clock, post } = options;
    const { node, excludedInterfaces, isolated, membership } = settings;
    this.#problems = new ProblemReport((problem) => post({ type: "ProblemChanged", problem }));
    this.#measurement = new TakeoverMeasurement(clock);
    const shared = {
      tell: (event: TakeoverEvent) => this.#takeover.dispatch(event),
      counters: this.#counters,
      problems: this.#problems,
      measurement: this.#measurement,
    };
    this.#segment = new Segment({ ...options, ...shared, excludedInterfaces });
    this.#takeover = createDriver({
      machine: createTakeover({ node, hasMembership: membership !== null, isolated, times: defaultTakeoverTimes }),
      initial: createTakeoverState(),
      perform: (effect) => this.#perform(effect),
      clock,
    });
    this.#others = new OtherSpeakers({ ...options, ...shared });
  }

  /** Opens what can be opened, and tells the main thread of what cannot. */
  start(): void {
    this.#segment.start();
    this.#others.start();
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
        this.#others.dispatch(message);
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
      case "Announce": {
        const { key, addresses, interfaces } = effect;
        this.#measurement.desired(addresses);
        this.#segment.dispatch({ type: "AnnouncementDesired", key, addresses, interfaces });
        return;
      }
      case "Withdraw":
        this.#segment.dispatch({ type: "AnnouncementGone", key: effect.key });
        return;
      case "Yield":
        this.#segment.dispatch({ type: "AnnouncementYielded", key: effect.key });
        return;
      case "StartHandover":
        this.#segment.dispatch({ type: "HandoverStarted" });
        return;
      case "ConfirmMembership":
        this.#others.confirm();
        return;
      case "RejoinMembership":
        this.#others.rejoin();
        return;
      case "PublishReport":
        this.#others.publish(effect.report);
        return;
      case "LeaveMembership":
        this.#others.leave();
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

  #reportCounts(): void {
    const { clock, post } = this.#options;
    const counts = this.#counters.take();
    if (counts !== null) post({ type: "Counted", counts });
    const milliseconds = this.#measurement.take();
    if (milliseconds.length > 0) post({ type: "TakeoversMeasured", milliseconds });
    clock.wakeAt(instant(clock.now() + COUNT_INTERVAL), () => this.#reportCounts());
  }

  #stop(): void {
    this.#segment.close();
    this.#others.close();
    this.#options.post({ type: "Stopped" });
  }
}

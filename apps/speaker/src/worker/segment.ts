import {
  createResponderState,
  type Interface,
  type InterfaceIndex,
  responder,
  type ResponderEffect,
  type ResponderEvent,
  type ResponderState,
  type TakeoverEvent,
} from "@herald-lb/arp-responder";
import type { InterfaceObserver, NetworkInterface, SystemError } from "@herald-lb/host";
import { type Clock, createDriver, type Driver, isIpv6, type Result } from "@herald-lb/sansio";
import { announceableInterface } from "./announceable-interface.ts";
import type { Counters } from "./counters.ts";
import { InterfaceSockets, type OpenInterface } from "./interface-sockets.ts";
import { LostLinksRecord } from "./lost-links.ts";
import type { ProblemReport } from "./problem-report.ts";
import type { FromWorker } from "./protocol.ts";
import type { TakeoverMeasurement } from "./takeover-measurement.ts";

/** The dependencies of the segment. */
export interface SegmentOptions {
  /** A regular expression of the names of interfaces that are not announced on; empty for none. */
  readonly excludedInterfaces: string;
  readonly clock: Clock;
  readonly post: (message: FromWorker) => void;
  /** Tells the takeover of interfaces and links. */
  readonly tell: (event: TakeoverEvent) => void;
  readonly openInterface: OpenInterface;
  /** Follows the interfaces of the node. */
  readonly watchInterfaces: (observer: InterfaceObserver) => Result<unknown, SystemError>;
  readonly counters: Counters;
  readonly problems: ProblemReport;
  readonly measurement: TakeoverMeasurement;
}

/** This node on its segments: the responder, the interfaces and their sockets. */
export class Segment {
  readonly #options: SegmentOptions;
  readonly #sockets: InterfaceSockets;
  readonly #responder: Driver<ResponderState, ResponderEvent>;
  readonly #lostLinks = new LostLinksRecord();
  readonly #excluded: RegExp | null;
  #interfaces: readonly Interface[] = [];
  #stopped = false;

  constructor(options: SegmentOptions) {
    this.#options = options;
    const { excludedInterfaces, clock, openInterface } = options;
    this.#excluded = excludedInterfaces === "" ? null : new RegExp(excludedInterfaces);
    this.#sockets = new InterfaceSockets({
      open: openInterface,
      onFrame: (on, octets) => this.#responder.dispatch({ type: "FrameReceived", on, octets }),
      onGone: (on) => this.#follow(this.#interfaces.filter(({ index }) => index !== on)),
    });
    this.#responder = createDriver({
      machine: responder,
      initial: createResponderState(),
      perform: (effect) => this.#perform(effect),
      clock,
    });
  }

  /** Follows the interfaces from now on. */
  start(): void {
    const { watchInterfaces, problems } = this.#options;
    const netlinkProblem = ({ syscall, code }: SystemError): string => `netlink: ${syscall}: ${code}`;
    const watched = watchInterfaces({
      onChange: (all) => this.#changeInterfaces(all),
      onError: (error) => problems.note("netlink", netlinkProblem(error)),
    });
    if (!watched.ok) problems.note("netlink", netlinkProblem(watched.error));
  }

  /** Tells the responder what to announce. */
  dispatch(event: ResponderEvent): void {
    this.#responder.dispatch(event);
  }

  /** Throws away what waits in the sockets. */
  discard(): void {
    this.#sockets.discard();
  }

  /** Closes the sockets; this node answers nothing from now on. */
  close(): void {
    this.#stopped = true;
    this.#sockets.close();
    this.#responder.stop();
  }

  #perform(effect: ResponderEffect): void {
    const { counters, measurement, post } = this.#options;
    switch (effect.type) {
      case "SendFrame":
        this.#sockets.on(effect.on)?.send(effect.octets, isIpv6(effect.address) ? "NDP" : "ARP");
        if (effect.purpose === "Reply") {
          counters.add("requests", effect.address);
          counters.add("replies", effect.address);
        } else {
          measurement.announced(effect.address);
          counters.add("announcements", effect.address);
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
        post({ type: "Conflict", address, by, interface: this.#nameOf(on) });
        return;
      }
      case "Ignored":
        counters.add("ignored", effect.reason);
    }
  }

  #changeInterfaces(all: readonly NetworkInterface[]): void {
    const usable = all.flatMap((facts) => {
      const each = announceableInterface(facts, this.#excluded);
      return each === null ? [] : [{ facts, each }];
    });
    this.#follow(usable.map(({ each }) => each));
    const links = this.#lostLinks.update(usable.map(({ facts }) => facts));
    if (links !== null) this.#options.tell({ type: "LinksLost", links });
  }

  #follow(wanted: readonly Interface[]): void {
    if (this.#stopped) return;
    const before = this.#interfaces;
    this.#interfaces = this.#sockets.follow(wanted);
    // Before the responder announces on it: others may serve by now.
    if (hasNewLink(before, this.#interfaces)) this.#options.tell({ type: "LinkRestored" });
    this.#responder.dispatch({ type: "InterfacesChanged", interfaces: this.#interfaces });
    this.#options.tell({ type: "InterfacesChanged", names: this.#interfaces.map(({ name }) => name) });
    this.#options.problems.note("interfaces", this.#sockets.problem);
  }

  #nameOf(on: InterfaceIndex): string {
    return this.#interfaces.find(({ index }) => index === on)?.name ?? `#${on}`;
  }
}

/** True where frames can go over an interface over which none could before. */
function hasNewLink(before: readonly Interface[], after: readonly Interface[]): boolean {
  const usable = new Set(before.filter(({ up, carrier }) => up && carrier).map(({ index }) => index));
  return after.some(({ index, up, carrier }) => up && carrier && !usable.has(index));
}

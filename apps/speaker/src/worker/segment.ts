import {
  createResponderState,
  type Interface,
  type InterfaceIndex,
  responder,
  type ResponderEffect,
  type ResponderEvent,
  type ResponderState,
  type TakeoverEffect,
  type TakeoverEvent,
} from "@herald-lb/arp-responder";
import type { InterfaceObserver, NetworkInterface, SystemError } from "@herald-lb/host";
import { type Clock, createDriver, type Driver, isIpv6, type Result } from "@herald-lb/sansio";
import { announceableInterface } from "./announceable-interface.ts";
import { ConflictReport, type ConflictReportOptions } from "./conflict-report.ts";
import type { Counters } from "./counters.ts";
import { InterfaceSockets, type OpenInterface } from "./interface-sockets.ts";
import { LostLinksRecord } from "./lost-links.ts";
import type { ProblemReport } from "./problem-report.ts";
import type { TakeoverMeasurement } from "./takeover-measurement.ts";

type ClientsCounted = Extract<ResponderEffect, { type: "ClientsCounted" }>;

/** The dependencies of the segment. */
export interface SegmentOptions {
  readonly clock: Clock;
  /** Interfaces whose name matches are never answered on; empty for none. */
  readonly excludedInterfaces: string;
  /** Randomness for the nonces of solicitations. */
  readonly seed: Uint8Array;
  readonly openInterface: OpenInterface;
  /** Follows the interfaces of the node. */
  readonly watchInterfaces: (observer: InterfaceObserver) => Result<unknown, SystemError>;
  /** Takes what became of the interfaces and their links, and of tentative addresses. */
  readonly tell: (
    event: Extract<TakeoverEvent, { type: "InterfacesChanged" | "LinkRestored" | "LinksLost" | "TentativeChanged" }>,
  ) => void;
  readonly post: (message: Parameters<ConflictReportOptions["post"]>[0] | ClientsCounted) => void;
  readonly counters: Pick<Counters, "add">;
  readonly measurement: Pick<TakeoverMeasurement, "desired" | "announced">;
  readonly problems: Pick<ProblemReport, "note">;
}

/** This node's part on the segment: its interfaces with their sockets, and the responder that announces and answers on them. */
export class Segment {
  readonly #options: SegmentOptions;
  readonly #excluded: RegExp | null;
  readonly #sockets: InterfaceSockets;
  readonly #responder: Driver<ResponderState, ResponderEvent>;
  readonly #lostLinks = new LostLinksRecord();
  readonly #conflicts: ConflictReport;
  #interfaces: readonly Interface[] = [];
  #closed = false;

  constructor(options: SegmentOptions) {
    this.#options = options;
    const { clock, excludedInterfaces, openInterface } = options;
    this.#excluded = excludedInterfaces === "" ? null : new RegExp(excludedInterfaces);
    this.#sockets = new InterfaceSockets({
      open: openInterface,
      onFrame: (on, octets) => this.#responder.dispatch({ type: "FrameReceived", on, octets }),
      onGone: (on) => this.#follow(this.#interfaces.filter(({ index }) => index !== on)),
    });
    this.#conflicts = new ConflictReport({ clock, post: options.post, nameOf: (on) => this.#nameOf(on) });
    this.#responder = createDriver({
      machine: responder,
      initial: createResponderState(options.seed),
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

  /** Announces the addresses of a service, and answers for them. */
  announce(effect: Extract<TakeoverEffect, { type: "Announce" }>): void {
    const { addresses, tentative = [] } = effect;
    this.#options.measurement.desired(addresses.filter((address) => !tentative.includes(address)));
    this.#responder.dispatch({ ...effect, type: "AnnouncementDesired" });
  }

  /** Takes the stations that are other speakers. */
  changeSpeakers(event: Extract<TakeoverEffect, { type: "SpeakersChanged" }>): void {
    this.#responder.dispatch(event);
  }

  /** Answers for a service no longer. */
  withdraw(key: string): void {
    this.#responder.dispatch({ type: "AnnouncementGone", key });
  }

  /** Leaves a service to another node; answers for each address until that node announces it. */
  yield(key: string): void {
    this.#responder.dispatch({ type: "AnnouncementYielded", key });
  }

  /** Sends nothing and answers for nothing until `endSilence`. */
  beginSilence(): void {
    this.#responder.dispatch({ type: "SilenceBegun" });
  }

  /** Announces everything again, and answers for it. */
  endSilence(): void {
    this.#responder.dispatch({ type: "SilenceEnded" });
  }

  /** Announces nothing more; answers for each address until another node announces it. */
  startHandover(): void {
    this.#responder.dispatch({ type: "HandoverStarted" });
  }

  /** Discards the frames that wait to be read. */
  discard(): void {
    this.#sockets.discard();
  }

  /** Closes the sockets of every interface; none are opened after. */
  close(): void {
    this.#closed = true;
    this.#sockets.close();
    this.#responder.stop();
  }

  #perform(effect: ResponderEffect): void {
    const { counters, measurement, tell, post } = this.#options;
    switch (effect.type) {
      case "SendFrame":
        this.#sockets.on(effect.on)?.send(effect.octets, isIpv6(effect.address) ? "NDP" : "ARP");
        if (effect.purpose === "Reply") {
          counters.add("requests", effect.address);
          counters.add("replies", effect.address);
        } else if (effect.purpose === "Probe") counters.add("probes", effect.address);
        else if (effect.purpose === "Relay") counters.add("relays", effect.address);
        else {
          measurement.announced(effect.address);
          counters.add("announcements", effect.address);
          if (effect.cause !== null) counters.add("causes", effect.cause);
        }
        return;
      case "JoinGroup":
        this.#sockets.on(effect.on)?.join(effect.group);
        return;
      case "LeaveGroup":
        this.#sockets.on(effect.on)?.leave(effect.group);
        return;
      case "Conflict":
        counters.add("conflicts", effect.address);
        this.#conflicts.take(effect);
        return;
      case "RivalFound":
      case "RivalGone":
      case "ContestedChanged":
        this.#conflicts.take(effect);
        return;
      case "TentativeChanged":
        tell(effect);
        return;
      case "ClientsCounted":
        post(effect);
        return;
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
    if (this.#closed) return;
    const { tell, problems } = this.#options;
    const before = this.#interfaces;
    this.#interfaces = this.#sockets.follow(wanted);
    // Before the responder announces on it: others may serve by now.
    if (hasNewLink(before, this.#interfaces)) tell({ type: "LinkRestored" });
    this.#responder.dispatch({ type: "InterfacesChanged", interfaces: this.#interfaces });
    tell({
      type: "InterfacesChanged",
      names: this.#interfaces.map(({ name }) => name),
      hardwareAddresses: [...new Set(this.#interfaces.map(({ hardwareAddress }) => hardwareAddress))],
      subnets: this.#interfaces.map(({ name, prefixes = [] }) => ({ interface: name, prefixes })),
    });
    problems.note("interfaces", this.#sockets.problem);
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

import { createDriver, type Driver, instant, type MacAddress } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, hexOf, type VirtualClock } from "@herald-lb/sansio/testing";
import { responder } from "../responder/responder.ts";
import type { ResponderEffect } from "../responder/responder-effect.ts";
import type { ResponderEvent } from "../responder/responder-event.ts";
import { createResponderState, type ResponderState } from "../responder/responder-state.ts";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { createTakeover } from "./takeover.ts";
import { defaultTakeoverTimes } from "./takeover-config.ts";
import type { NodeReport } from "./node-report.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import { createTakeoverState, type TakeoverState } from "./takeover-state.ts";
import { ADDRESS, NODES, request } from "./takeover.test.fixture.ts";

/** The longest time after which a member knows of a death, in milliseconds. */
const DETECTION = 1_000;

/** A speaker: its two machines, with their drivers. */
export interface Speaker {
  readonly name: string;
  readonly takeover: Driver<TakeoverState, TakeoverEvent>;
  readonly responder: Driver<ResponderState, ResponderEvent>;
  alive: boolean;
  /** The members that it was told of last. */
  known: ReadonlySet<string>;
}

/** Speakers on one segment, with a membership that tells each of them the live ones after a delay of its own. */
export class Segment {
  /** The clock of all of them. */
  readonly clock: VirtualClock = createVirtualClock();
  /** Every speaker that was started, by its name. */
  readonly speakers: Map<string, Speaker> = new Map();
  /** Claims of the address by ARP Announcement, in order: who and when. */
  readonly claims: { readonly node: string; readonly at: number }[] = [];
  readonly #random: () => number;
  readonly #members = new Set<string>();

  /** The last report of each speaker: a member that joins is sent those of the others. */
  readonly #reports = new Map<string, NodeReport>();
  readonly #changes: Partial<AnnouncementRequest>;
  /** The conduct of a station that is no speaker with a frame of one; null where there is none. */
  onFrame: ((octets: Uint8Array, answer: (octets: Uint8Array) => void) => void) | null = null;
  /** The rivals that were found, and the nodes that found them. */
  readonly rivals: string[] = [];

  constructor(seed: number, changes: Partial<AnnouncementRequest> = {}) {
    this.#changes = changes;
    this.#random = createRandom(seed);
  }

  /** Starts a speaker, which hears of the others after at most `join` milliseconds. */
  start(name: string, join = 200): void {
    const index = NODES.indexOf(name) + 1;
    const takeover = createDriver({
      machine: createTakeover({ node: name, hasMembership: true, isolated: "serve", times: defaultTakeoverTimes }),
      initial: createTakeoverState(),
      clock: this.clock,
      perform: (effect: TakeoverEffect) => this.#perform(name, effect),
    });
    const answering = createDriver({
      machine: responder,
      initial: createResponderState(),
      clock: this.clock,
      perform: (effect: ResponderEffect) => this.#transmit(name, effect),
    });
    const speaker: Speaker = { name, takeover, responder: answering, alive: true, known: new Set() };
    this.speakers.set(name, speaker);
    const hardwareAddress = `02:00:5e:00:53:0${index}` as MacAddress;
    const eth0 = { index: 2, name: "eth0", hardwareAddress, up: true, carrier: true, linkLocalAddress: null };
    answering.dispatch({ type: "InterfacesChanged", interfaces: [eth0] });
    takeover.dispatch({ type: "InterfacesChanged", names: ["eth0"], hardwareAddresses: [hardwareAddress] });
    takeover.dispatch({ type: "AnnouncementRequested", request: request(this.#changes) });
    takeover.dispatch({ type: "PeersExpected", count: NODES.length - 1 });
    this.#members.add(name);
    this.#later(this.#random() * join, () => this.#tellMembers());
  }

  /** Ends a speaker without a word. */
  kill(name: string): void {
    this.#end(name);
    this.#later(0, () => this.#tellMembers(DETECTION));
  }

  /** Asks a speaker to hand over and stop. */
  stop(name: string): void {
    this.speakers.get(name)?.takeover.dispatch({ type: "StopRequested" });
  }

  /** The live nodes that would answer a request now. */
  answering(): readonly string[] {
    return [...this.speakers.values()]
      .filter(({ alive, responder: { state } }) => {
        return alive && !state.silent && state.announcements.get(ADDRESS)?.on.has(2) === true;
      })
      .map(({ name }) => name);
  }

  /** Sends a frame of a station that is no speaker. */
  send(octets: Uint8Array): void {
    for (const speaker of this.speakers.values())
      this.#later(0.1, () => {
        if (speaker.alive) speaker.responder.dispatch({ type: "FrameReceived", on: 2, octets });
      });
  }

  #end(name: string): void {
    const speaker = this.speakers.get(name);
    if (speaker === undefined) return;
    speaker.alive = false;
    speaker.takeover.stop();
    speaker.responder.stop();
    this.#members.delete(name);
    this.#reports.delete(name);
  }

  #perform(name: string, effect: TakeoverEffect): void {
    const speaker = this.speakers.get(name);
    if (speaker === undefined) return;
    switch (effect.type) {
      case "Announce": {
        speaker.responder.dispatch({ ...effect, type: "AnnouncementDesired" });
        return;
      }
      case "Withdraw":
        speaker.responder.dispatch({ type: "AnnouncementGone", key: effect.key });
        return;
      case "Yield":
        speaker.responder.dispatch({ type: "AnnouncementYielded", key: effect.key });
        return;
      case "BeginSilence":
        speaker.responder.dispatch({ type: "SilenceBegun" });
        return;
      case "EndSilence":
        speaker.responder.dispatch({ type: "SilenceEnded" });
        return;
      case "StartHandover":
        speaker.responder.dispatch({ type: "HandoverStarted" });
        return;
      case "SpeakersChanged":
        speaker.responder.dispatch(effect);
        return;
      case "LeaveMembership":
        this.#members.delete(name);
        this.#tellMembers(100);
        this.#later(100, () => speaker.takeover.dispatch({ type: "LeaveCompleted" }));
        return;
      case "Stopped":
        this.#end(name);
        return;
      case "RejoinMembership":
        return;
      case "ConfirmMembership":
        // A round trip on the segment.
        this.#later(1, () => speaker.takeover.dispatch({ type: "MembershipConfirmed", live: [...this.#members] }));
        return;
      case "PublishReport":
        this.#publish(name, effect.report);
        return;
      case "ProbeApiServer":
      case "Announcing":
      case "NotAnnouncing":
        return;
    }
  }

  #publish(name: string, report: NodeReport): void {
    this.#reports.set(name, report);
    for (const speaker of this.speakers.values()) {
      if (speaker.name === name) continue;
      this.#later(1 + this.#random(), () => {
        speaker.takeover.dispatch({ type: "ReportReceived", node: name, report });
      });
    }
  }

  #transmit(name: string, effect: ResponderEffect): void {
    if (effect.type === "TentativeChanged") this.speakers.get(name)?.takeover.dispatch(effect);
    if (effect.type === "RivalFound") this.rivals.push(`${name}: ${effect.by}`);
    if (effect.type !== "SendFrame") return;
    const { octets } = effect;
    this.#later(0.1, () => this.onFrame?.(octets, (answer) => this.send(answer)));
    if (hexOf(octets.subarray(20, 22)) === "0001" && effect.purpose !== "Probe")
      this.claims.push({ node: name, at: this.clock.now() });
    for (const speaker of this.speakers.values()) {
      if (speaker.name === name) continue;
      this.#later(0.1 + this.#random(), () => {
        if (speaker.alive) speaker.responder.dispatch({ type: "FrameReceived", on: 2, octets });
      });
    }
  }

  #tellMembers(within = 20): void {
    const live = [...this.#members];
    for (const speaker of this.speakers.values()) {
      const { name, takeover } = speaker;
      this.#later(this.#random() * within, () => {
        if (!this.#members.has(name)) return;
        const joined = live.filter((node) => !speaker.known.has(node));
        speaker.known = new Set(live);
        takeover.dispatch({ type: "MembersChanged", live, joined, died: [] });
        for (const node of joined) {
          const report = this.#reports.get(node);
          if (node !== name && report !== undefined)
            this.#later(1 + this.#random(), () => takeover.dispatch({ type: "ReportReceived", node, report }));
        }
      });
    }
  }

  #later(after: number, act: () => void): void {
    this.clock.wakeAt(instant(this.clock.now() + after), act);
  }
}

/** Looks every millisecond for `milliseconds`, and returns every different set of answering nodes in order. */
export function watch(segment: Segment, milliseconds: number): readonly string[] {
  const seen: string[] = [];
  for (let at = 0; at < milliseconds; at++) {
    segment.clock.advanceBy(1);
    const now = segment.answering().toSorted().join("+");
    if (now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

/** Speakers of all nodes, ten seconds after their start. */
export function running(seed: number, changes: Partial<AnnouncementRequest> = {}): Segment {
  const segment = new Segment(seed, changes);
  for (const name of NODES) segment.start(name);
  watch(segment, 10_000);
  return segment;
}

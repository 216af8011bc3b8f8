import { createDriver, type Driver, instant, type MacAddress } from "@herald-lb/sansio";
import { createRandom, createVirtualClock, hexOf, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { responder } from "../responder/responder.ts";
import type { ResponderEffect } from "../responder/responder-effect.ts";
import type { ResponderEvent } from "../responder/responder-event.ts";
import { createResponderState, type ResponderState } from "../responder/responder-state.ts";
import { createTakeover } from "./takeover.ts";
import { defaultTakeoverTimes } from "./takeover-config.ts";
import type { NodeReport } from "./node-report.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import { createTakeoverState, type TakeoverState } from "./takeover-state.ts";
import { ADDRESS, NODES, request } from "./takeover.test.fixture.ts";

/** The longest time after which a member knows of a death, in milliseconds. */
const DETECTION = 1_000;

interface Speaker {
  readonly name: string;
  readonly takeover: Driver<TakeoverState, TakeoverEvent>;
  readonly responder: Driver<ResponderState, ResponderEvent>;
  alive: boolean;
  /** The members that it was told of last. */
  known: ReadonlySet<string>;
}

/** Speakers on one segment, with a membership that tells each of them the live ones after a delay of its own. */
class Segment {
  readonly clock: VirtualClock = createVirtualClock();
  readonly speakers = new Map<string, Speaker>();
  /** Claims of the address by ARP Announcement, in order: who and when. */
  readonly claims: { readonly node: string; readonly at: number }[] = [];
  readonly #random: () => number;
  readonly #members = new Set<string>();

  /** The last report of each speaker: a member that joins is sent those of the others. */
  readonly #reports = new Map<string, NodeReport>();
  readonly #sticky: boolean;

  constructor(seed: number, sticky = false) {
    this.#sticky = sticky;
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
    takeover.dispatch({ type: "AnnouncementRequested", request: request({ sticky: this.#sticky }) });
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
      .filter(({ alive, responder: { state } }) => alive && state.announcements.get(ADDRESS)?.on.has(2) === true)
      .map(({ name }) => name);
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
        const { key, addresses, interfaces } = effect;
        speaker.responder.dispatch({ type: "AnnouncementDesired", key, addresses, interfaces });
        return;
      }
      case "Withdraw":
        speaker.responder.dispatch({ type: "AnnouncementGone", key: effect.key });
        return;
      case "Yield":
        speaker.responder.dispatch({ type: "AnnouncementYielded", key: effect.key });
        return;
      case "StartHandover":
        speaker.responder.dispatch({ type: "HandoverStarted" });
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
    if (effect.type !== "SendFrame") return;
    const { octets } = effect;
    if (hexOf(octets.subarray(20, 22)) === "0001") this.claims.push({ node: name, at: this.clock.now() });
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
function watch(segment: Segment, milliseconds: number): readonly string[] {
  const seen: string[] = [];
  for (let at = 0; at < milliseconds; at++) {
    segment.clock.advanceBy(1);
    const now = segment.answering().toSorted().join("+");
    if (now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);

function running(seed: number): Segment {
  const segment = new Segment(seed);
  for (const name of NODES) segment.start(name);
  watch(segment, 10_000);
  return segment;
}

describe("speakers on one segment", () => {
  it.each(SEEDS)("have one announcer after a common start, and never two (seed %i)", (seed) => {
    const segment = new Segment(seed);
    for (const name of NODES) segment.start(name, 400);
    expect(watch(segment, 10_000)).toEqual(["", "node-b"]);
  });

  it.each(SEEDS)("replace an announcer that dies by its successor, once (seed %i)", (seed) => {
    const segment = running(seed);
    segment.kill("node-b");
    expect(watch(segment, 10_000)).toEqual(["", "node-a"]);
  });

  it.each(SEEDS)("hand over without a moment in which nobody answers (seed %i)", (seed) => {
    const segment = running(seed);
    const claimsBefore = segment.claims.length;
    segment.stop("node-b");
    const seen = watch(segment, 10_000);
    expect(seen.filter((nodes) => nodes === "")).toEqual([]);
    expect(seen.at(-1)).toBe("node-a");
    // The leaving node never claims the address beside its successor.
    expect(segment.claims.slice(claimsBefore).map(({ node }) => node)).not.toContain("node-b");
  });

  it.each(SEEDS)("do not lose an address to a node that starts, before it knows the members (seed %i)", (seed) => {
    const segment = new Segment(seed);
    segment.start("node-a");
    segment.start("node-c");
    expect(watch(segment, 10_000)).toEqual(["", "node-a"]);
    segment.start("node-b", 400);
    // The node that ranks first takes over when it knows the members; until then the old announcer goes on.
    const seen = watch(segment, 10_000);
    expect(seen.filter((nodes) => nodes !== "node-a+node-b")).toEqual(["node-a", "node-b"]);
  });

  it.each(SEEDS)("let a client's entry change once when the node that ranks first returns (seed %i)", (seed) => {
    const segment = new Segment(seed);
    segment.start("node-a");
    segment.start("node-c");
    watch(segment, 10_000);
    const before = segment.claims.length;
    segment.start("node-b", 400);
    watch(segment, 10_000);
    const claims = segment.claims.slice(before).map(({ node }) => node);
    const entries = claims.filter((node, at) => node !== (claims[at - 1] ?? "node-a"));
    expect(entries).toEqual(["node-b"]);
  });

  it.each(SEEDS)("leave a sticky service where it is when the node that ranks first returns (seed %i)", (seed) => {
    const segment = new Segment(seed, true);
    segment.start("node-a");
    segment.start("node-c");
    watch(segment, 10_000);
    segment.start("node-b", 400);
    expect(watch(segment, 10_000)).toEqual(["node-a"]);
    // All start by the same rule, and have one announcer again after each end.
    segment.kill("node-a");
    expect(watch(segment, 10_000)).toEqual(["node-a", "", "node-b"].slice(1));
    segment.start("node-a", 400);
    expect(watch(segment, 10_000)).toEqual(["node-b"]);
    segment.stop("node-b");
    expect(watch(segment, 10_000).at(-1)).toBe("node-a");
  });

  it("stop answering one address at the moment in which the successor announces it", () => {
    const segment = running(1);
    segment.stop("node-b");
    const seen = watch(segment, 10_000);
    expect(seen[0]).toBe("node-b");
    expect(seen.slice(1).every((nodes) => nodes === "node-a" || nodes === "node-a+node-b")).toBe(true);
  });
});

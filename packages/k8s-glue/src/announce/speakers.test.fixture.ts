import {
  type AnnouncementRequest,
  createResponderState,
  createTakeover,
  createTakeoverState,
  defaultTakeoverTimes,
  type NodeReport,
  responder,
  type ResponderEvent,
  type ResponderState,
  type TakeoverEffect,
  type TakeoverEvent,
  type TakeoverState,
} from "@herald-lb/arp-responder";
import {
  createDriver,
  type Driver,
  instant,
  type IpAddress,
  type Ipv6Address,
  type MacAddress,
} from "@herald-lb/sansio";
import { createRandom, createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";

interface Speaker {
  readonly takeover: Driver<TakeoverState, TakeoverEvent>;
  readonly responder: Driver<ResponderState, ResponderEvent>;
}

const INTERFACE = 2;

/** Speakers of one cluster on one segment in virtual time: real takeover machines and responders, and a membership that tells each of them what happens after a delay of its own. */
export class Speakers {
  readonly clock: VirtualClock = createVirtualClock();
  readonly #speakers = new Map<string, Speaker>();
  readonly #reports = new Map<string, NodeReport>();
  readonly #random: () => number;

  /** Starts all nodes, each with the requests in an order of its own. */
  constructor(nodes: readonly string[], requests: readonly AnnouncementRequest[], seed: number) {
    this.#random = createRandom(seed);
    for (const [index, node] of nodes.entries()) this.#start(node, index);
    for (const [node, { takeover }] of this.#speakers) {
      const start = this.#random() * requests.length;
      const rotated = [...requests.slice(start), ...requests.slice(0, start)];
      this.#later(300, () => {
        for (const request of rotated) takeover.dispatch({ type: "AnnouncementRequested", request });
        takeover.dispatch({ type: "RequestsListed" });
        takeover.dispatch({ type: "PeersExpected", count: nodes.length - 1 });
      });
      this.#later(300, () => this.#tellMembers(node, nodes, [...nodes], []));
    }
  }

  /** Ends speakers without a word; the others hear of it within a second, of all deaths at once or of each at a time of its own. */
  kill(nodes: readonly string[], heard: "together" | "one by one"): void {
    for (const node of nodes) {
      const speaker = this.#speakers.get(node);
      speaker?.takeover.stop();
      speaker?.responder.stop();
      this.#speakers.delete(node);
    }
    for (const node of this.#speakers.keys()) {
      const live = new Set([...this.#speakers.keys(), ...nodes]);
      for (const dead of heard === "together" ? [nodes] : nodes.map((each) => [each]))
        this.#later(1_000, () => {
          for (const each of dead) live.delete(each);
          this.#tellMembers(node, [...live], [], dead);
        });
    }
  }

  /** The nodes that would answer a request for this address now. */
  answering(address: IpAddress): readonly string[] {
    return [...this.#speakers]
      .filter(
        ([
          ,
          {
            responder: { state },
          },
        ]) => state.announcements.get(address)?.on.has(INTERFACE) === true,
      )
      .map(([node]) => node);
  }

  /** The announcer of a request by the word of each node. */
  announcersOf(key: string): ReadonlySet<string | null | undefined> {
    return new Set([...this.#speakers.values()].map(({ takeover }) => takeover.state.elections.get(key)?.announcer));
  }

  #start(node: string, index: number): void {
    const takeover = createDriver({
      machine: createTakeover({ node, hasMembership: true, isolated: "serve", times: defaultTakeoverTimes }),
      initial: createTakeoverState(),
      clock: this.clock,
      perform: (effect: TakeoverEffect) => this.#perform(node, effect),
    });
    const answering = createDriver({
      machine: responder,
      initial: createResponderState(),
      clock: this.clock,
      perform: (effect) => {
        if (effect.type === "SendFrame") this.#transmit(node, effect.octets);
      },
    });
    const hardwareAddress = `02:00:5e:00:53:${(index + 1).toString(16).padStart(2, "0")}` as MacAddress;
    const eth0 = { index: INTERFACE, name: "eth0", hardwareAddress, up: true, carrier: true };
    const linkLocalAddress = `fe80::${index + 1}` as Ipv6Address;
    answering.dispatch({ type: "InterfacesChanged", interfaces: [{ ...eth0, linkLocalAddress }] });
    this.#speakers.set(node, { takeover, responder: answering });
  }

  #perform(node: string, effect: TakeoverEffect): void {
    const answering = this.#speakers.get(node)?.responder;
    switch (effect.type) {
      case "Announce": {
        const { key, addresses, interfaces } = effect;
        answering?.dispatch({ type: "AnnouncementDesired", key, addresses, interfaces });
        return;
      }
      case "Withdraw":
        answering?.dispatch({ type: "AnnouncementGone", key: effect.key });
        return;
      case "Yield":
        answering?.dispatch({ type: "AnnouncementYielded", key: effect.key });
        return;
      case "PublishReport":
        this.#reports.set(node, effect.report);
        for (const other of this.#speakers.keys()) if (other !== node) this.#tellReport(other, node);
        return;
      default:
    }
  }

  #transmit(node: string, octets: Uint8Array): void {
    this.#later(1, () => {
      for (const [other, speaker] of this.#speakers)
        if (other !== node) speaker.responder.dispatch({ type: "FrameReceived", on: INTERFACE, octets });
    });
  }

  #tellMembers(node: string, live: readonly string[], joined: readonly string[], died: readonly string[]): void {
    this.#speakers.get(node)?.takeover.dispatch({ type: "MembersChanged", live, joined, died });
    for (const other of joined) if (other !== node) this.#tellReport(node, other);
  }

  /** Tells a node the report that another has by then. */
  #tellReport(node: string, of: string): void {
    this.#later(3, () => {
      const report = this.#reports.get(of);
      if (report !== undefined && this.#speakers.has(of))
        this.#speakers.get(node)?.takeover.dispatch({ type: "ReportReceived", node: of, report });
    });
  }

  #later(within: number, act: () => void): void {
    this.clock.wakeAt(instant(this.clock.now() + this.#random() * within), act);
  }
}

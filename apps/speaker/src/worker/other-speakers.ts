import { decodeNodeReport, encodeNodeReport, type NodeReport, type TakeoverEvent } from "@herald-lb/arp-responder";
import type { Clock } from "@herald-lb/sansio";
import { BfdSessions, type BfdSessionsOptions } from "./bfd-sessions.ts";
import type { Counters } from "./counters.ts";
import { Membership, type MembershipOptions, type MemberNames } from "./membership.ts";
import type { ProblemReport } from "./problem-report.ts";
import type { BfdSettings, FromWorker, ToWorker } from "./protocol.ts";
import type { TakeoverMeasurement } from "./takeover-measurement.ts";

/** The dependencies of a node's knowledge of the other speakers. */
export interface OtherSpeakersOptions {
  readonly clock: Clock;
  readonly node: string;
  readonly settings: MembershipOptions["settings"];
  readonly openMembershipSocket: MembershipOptions["openSocket"];
  readonly openBfdSocket: BfdSessionsOptions["openSocket"];
  /** Takes what the takeover must know of the other speakers. */
  readonly tell: (event: TakeoverEvent) => void;
  readonly post: (message: FromWorker) => void;
  readonly counters: Pick<Counters, "add">;
  readonly measurement: Pick<TakeoverMeasurement, "during">;
  readonly problems: Pick<ProblemReport, "note">;
}

/** The other speakers, as this node knows them: the members of the memberlist cluster, the BFD sessions with them, and the report of each. */
export class OtherSpeakers {
  readonly #options: OtherSpeakersOptions;
  readonly #membership: Membership;
  readonly #bfd: BfdSessions | null;

  constructor(options: OtherSpeakersOptions) {
    this.#options = options;
    const { bfd } = options.settings;
    this.#membership = this.#createMembership();
    this.#bfd = bfd === null ? null : this.#createBfd(bfd);
  }

  /** Opens the sockets; tries again while one cannot be opened. */
  start(): void {
    this.#membership.start();
    this.#bfd?.start();
  }

  /** Takes a message of the main thread. */
  receive(
    message: Extract<ToWorker, { type: "PeersDesired" | "StreamAccepted" | "StreamReceived" | "StreamClosed" }>,
  ): void {
    this.#membership.dispatch(message);
  }

  /** Asks the others whether they took this node for dead; `MembershipConfirmed` follows once they have answered. */
  confirm(): void {
    this.#membership.confirm();
  }

  /** Joins the peers that are not members, now. */
  rejoin(): void {
    this.#membership.rejoin();
  }

  /** Gives every other speaker the report of this node. */
  publish(report: NodeReport): void {
    this.#membership.publish(encodeNodeReport(report));
  }

  /** Tells the others that this node leaves; `LeaveCompleted` follows. */
  leave(): void {
    this.#membership.leave();
  }

  /** Closes the sockets. */
  close(): void {
    this.#bfd?.close();
    this.#membership.close();
  }

  #createMembership(): Membership {
    const { clock, node, settings, openMembershipSocket, tell, post, counters, problems } = this.#options;
    return new Membership({
      clock,
      settings,
      node,
      openSocket: openMembershipSocket,
      onMembers: (members) => this.#changeMembers(members),
      onPeers: (count) => tell({ type: "PeersExpected", count }),
      onLeft: () => tell({ type: "LeaveCompleted" }),
      onIgnored: (reason) => counters.add("membershipIgnored", reason),
      onStream: (effect) => post({ type: "Stream", effect }),
      onSessions: (sessions) => this.#bfd?.desire(sessions),
      onDeath: (dead, by) =>
        post({ type: "DeathDeclared", node: dead, by, silentFor: this.#bfd?.silenceOf(dead) ?? null }),
      onNodeData: (from, octets) => this.#receiveReport(from, octets),
      onDeathRefuted: () => tell({ type: "DeathRefuted" }),
      onConfirmed: (live) => tell({ type: "MembershipConfirmed", live }),
      onProblem: (problem) => problems.note("membership", problem),
    });
  }

  #createBfd(settings: BfdSettings): BfdSessions {
    const { clock, openBfdSocket, tell, post, counters, problems } = this.#options;
    const { bind, keys } = this.#options.settings;
    return new BfdSessions({
      clock,
      settings,
      address: bind.address,
      keys,
      openSocket: openBfdSocket,
      onView: (node, view) => this.#membership.changeView(node, view),
      onWatchers: (heard) => tell({ type: heard ? "WatchersHeard" : "WatchersLost" }),
      onSessions: (counts) => post({ type: "BfdSessionsChanged", ...counts }),
      onIgnored: (reason) => counters.add("bfdIgnored", reason),
      onProblem: (problem) => problems.note("BFD", problem),
    });
  }

  #changeMembers({ live, joined, left, died }: MemberNames): void {
    const { tell, post, measurement } = this.#options;
    // First: the announcements that follow name the nodes that found a death.
    post({ type: "MembersChanged", alive: live, joined, left, died });
    const decide = (): void => tell({ type: "MembersChanged", live, joined, died: died.map(({ node }) => node) });
    if (died.length === 0) decide();
    else measurement.during(decide);
  }

  #receiveReport(node: string, octets: Uint8Array): void {
    const { tell, counters } = this.#options;
    const report = decodeNodeReport(octets);
    if (report === null) counters.add("membershipIgnored", "UnreadableReport");
    else tell({ type: "ReportReceived", node, report });
  }
}

import { encodeNodeReport, decodeNodeReport, type NodeReport, type TakeoverEvent } from "@herald-lb/arp-responder";
import type { Clock } from "@herald-lb/sansio";
import { BfdSessions, type BfdSessionsOptions } from "./bfd-sessions.ts";
import type { Counters } from "./counters.ts";
import { Membership, type MembershipOptions, type MemberNames } from "./membership.ts";
import type { ProblemReport } from "./problem-report.ts";
import type { BfdSettings, FromWorker, WorkerSettings } from "./protocol.ts";
import type { TakeoverMeasurement } from "./takeover-measurement.ts";

/** The dependencies of what this speaker knows of the others. */
export interface OtherSpeakersOptions {
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  readonly post: (message: FromWorker) => void;
  /** Tells the takeover who lives and what the others report. */
  readonly tell: (event: TakeoverEvent) => void;
  readonly openMembershipSocket: MembershipOptions["openSocket"];
  readonly openBfdSocket: BfdSessionsOptions["openSocket"];
  readonly counters: Counters;
  readonly problems: ProblemReport;
  readonly measurement: TakeoverMeasurement;
}

/** The other speakers: the memberlist cluster and the BFD sessions, each of which tells the other. Without a cluster there are none. */
export class OtherSpeakers {
  readonly #options: OtherSpeakersOptions;
  readonly #membership: Membership | null;
  readonly #bfd: BfdSessions | null;

  constructor(options: OtherSpeakersOptions) {
    this.#options = options;
    const { membership } = options.settings;
    this.#membership = membership === null ? null : this.#createMembership(membership);
    this.#bfd = membership === null || membership.bfd === null ? null : this.#createBfd(membership, membership.bfd);
  }

  /** Opens the sockets; joins once peers are known. */
  start(): void {
    this.#membership?.start();
    this.#bfd?.start();
  }

  /** Takes peers, and what streams bring. */
  dispatch(event: Parameters<Membership["dispatch"]>[0]): void {
    this.#membership?.dispatch(event);
  }

  /** Asks the others whether this node counts as alive. */
  confirm(): void {
    this.#membership?.confirm();
  }

  /** Joins anew those that are missing. */
  rejoin(): void {
    this.#membership?.rejoin();
  }

  /** Sends this node's report to every other speaker. */
  publish(report: NodeReport): void {
    this.#membership?.publish(encodeNodeReport(report));
  }

  /** Leaves the cluster in order. */
  leave(): void {
    this.#membership?.leave();
  }

  /** Closes the sockets. */
  close(): void {
    this.#bfd?.close();
    this.#membership?.close();
  }

  #createMembership(settings: NonNullable<WorkerSettings["membership"]>): Membership {
    const { clock, post, tell, openMembershipSocket, counters, problems } = this.#options;
    return new Membership({
      clock,
      settings,
      node: this.#options.settings.node,
      openSocket: openMembershipSocket,
      onMembers: (members) => this.#changeMembers(members),
      onPeers: (count) => tell({ type: "PeersExpected", count }),
      onLeft: () => tell({ type: "LeaveCompleted" }),
      onIgnored: (reason) => counters.add("membershipIgnored", reason),
      onStream: (effect) => post({ type: "Stream", effect }),
      onSessions: (sessions) => this.#bfd?.desire(sessions),
      onDeath: (node, by) => post({ type: "DeathDeclared", node, by, silentFor: this.#bfd?.silenceOf(node) ?? null }),
      onNodeData: (node, octets) => this.#receiveReport(node, octets),
      onDeathRefuted: () => tell({ type: "DeathRefuted" }),
      onConfirmed: (live) => tell({ type: "MembershipConfirmed", live }),
      onProblem: (problem) => problems.note("membership", problem),
    });
  }

  #createBfd({ bind, keys }: NonNullable<WorkerSettings["membership"]>, settings: BfdSettings): BfdSessions {
    const { clock, post, tell, openBfdSocket, counters, problems } = this.#options;
    return new BfdSessions({
      clock,
      settings,
      address: bind.address,
      keys,
      openSocket: openBfdSocket,
      onView: (node, view) => this.#membership?.changeView(node, view),
      onWatchers: (heard) => tell({ type: heard ? "WatchersHeard" : "WatchersLost" }),
      onSessions: (counts) => post({ type: "BfdSessionsChanged", ...counts }),
      onIgnored: (reason) => counters.add("bfdIgnored", reason),
      onProblem: (problem) => problems.note("BFD", problem),
    });
  }

  #changeMembers({ live, joined, left, died }: MemberNames): void {
    const { post, tell, measurement } = this.#options;
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

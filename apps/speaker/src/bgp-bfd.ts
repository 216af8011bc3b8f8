import { Diagnostic, diagnosticName } from "@herald-lb/bfd";
import type { BfdFacts, PeerConfig, PeerSnapshot, SpeakerEvent } from "@herald-lb/bgp-speaker";
import type { Logger } from "@herald-lb/daemon";
import { bfdSessionsOf, locatedPeers, type SharedBfdSession } from "@herald-lb/k8s-glue/announce";
import { deepEqual, type IpAddress } from "@herald-lb/sansio";
import type { BgpBfdReport, ToWorker } from "./worker/protocol.ts";

/** A session that this side has ended. */
const ENDED: BfdFacts = {
  state: "AdminDown",
  diagnostic: Diagnostic.AdministrativelyDown,
  remoteState: "Down",
  remoteDiagnostic: Diagnostic.None,
};

/** The dependencies of BFD beside BGP. */
export interface BgpBfdOptions {
  readonly isOnLink: (address: IpAddress) => boolean;
  /** The peers of the BGP machine as they are now. */
  readonly peers: () => readonly PeerSnapshot[];
  readonly tell: (message: ToWorker) => void;
  /** Takes the events of the BGP machine. */
  readonly dispatch: (event: SpeakerEvent) => void;
  readonly log: Pick<Logger, "debug" | "info" | "warn" | "error">;
}

/** A BFD session as metrics show it. */
export interface BgpBfdFigures extends BgpBfdReport {
  readonly remote: IpAddress;
  readonly vrf: string | null;
}

/** BFD beside the BGP sessions: has the worker keep the sessions that the peers need, and tells the BGP machine what becomes of them. */
export class BgpBfd {
  readonly #options: BgpBfdOptions;
  readonly #reports = new Map<string, BgpBfdReport>();
  /** The configured peers by name. */
  #configs: ReadonlyMap<string, PeerConfig> = new Map();
  #shared: readonly SharedBfdSession[] = [];

  constructor(options: BgpBfdOptions) {
    this.#options = options;
  }

  /** Takes the peers that are configured from now on, after the BGP machine has. */
  configure(peers: readonly PeerConfig[]): void {
    this.#configs = new Map(peers.map((peer) => [peer.name, peer]));
    this.locatePeers();
  }

  /** Takes note that a BGP session has changed its state: a dynamic neighbor may have come or gone. */
  noteSession(name: string): void {
    if (!this.#configs.has(name)) this.locatePeers();
  }

  /** Has a BFD session for each peer whose address is known by now. */
  locatePeers(): void {
    if (this.#shared.length === 0 && ![...this.#configs.values()].some(({ bfd }) => bfd !== undefined)) return;
    const { isOnLink, peers } = this.#options;
    const shared = bfdSessionsOf(locatedPeers(this.#configs, peers()), isOnLink);
    const before = this.#shared;
    this.#shared = shared;
    const sessions = shared.map(({ session }) => session);
    if (
      !deepEqual(
        before.map(({ session }) => session),
        sessions,
      )
    ) {
      this.#options.tell({ type: "BgpBfdSessionsDesired", sessions });
    }
    for (const { session, peers: former } of before) {
      const now = shared.find(({ session: { key } }) => key === session.key);
      if (now === undefined) this.#reports.delete(session.key);
      // The session on another path begins anew, which is no loss.
      for (const peer of former) if (now?.peers.includes(peer) !== true) this.#tellPeer(peer, ENDED);
    }
    // A peer may have joined a session that is up.
    for (const each of shared) this.#tellPeers(each);
  }

  /** Takes a report of the worker. */
  receive(reports: readonly BgpBfdReport[]): void {
    for (const report of reports) {
      const shared = this.#shared.find(({ session }) => session.key === report.key);
      if (shared === undefined) continue;
      const before = this.#reports.get(report.key);
      this.#reports.set(report.key, report);
      this.#logChange(shared, before, report);
      if (before === undefined || !deepEqual(factsOf(before), factsOf(report))) this.#tellPeers(shared);
    }
  }

  /** The sessions as last reported. */
  get sessions(): readonly BgpBfdFigures[] {
    return this.#shared.flatMap(({ session: { key, remote, vrf } }) => {
      const report = this.#reports.get(key);
      return report === undefined ? [] : [{ ...report, remote, vrf }];
    });
  }

  #tellPeers({ session, peers }: SharedBfdSession): void {
    const report = this.#reports.get(session.key);
    if (report === undefined) return;
    for (const peer of peers) this.#tellPeer(peer, factsOf(report));
  }

  #tellPeer(peer: string, facts: BfdFacts): void {
    this.#options.dispatch({ type: "BfdStateChanged", peer, ...facts });
  }

  #logChange({ session, peers }: SharedBfdSession, before: BgpBfdReport | undefined, now: BgpBfdReport): void {
    const { log } = this.#options;
    const facts = { peers, remote: session.remote };
    if (now.problem !== null && now.problem !== before?.problem)
      log.error({ ...facts, problem: now.problem }, "BFD socket not open; it is tried again each second");
    const from = before?.state ?? "Down";
    if (from === now.state) return;
    const reasons = {
      diagnostic: diagnosticName(now.diagnostic),
      remoteState: now.remoteState,
      remoteDiagnostic: diagnosticName(now.remoteDiagnostic),
    };
    if (now.state === "Up") log.info(facts, "BFD session up");
    else if (from !== "Up") log.debug({ ...facts, from, to: now.state }, "BFD session");
    else if (now.remoteState === "AdminDown") {
      log.warn({ ...facts, ...reasons }, "BFD session taken down by the router; BGP goes on without it");
    } else log.warn({ ...facts, ...reasons }, "BFD session down");
  }
}

function factsOf({ state, diagnostic, remoteState, remoteDiagnostic }: BgpBfdReport): BfdFacts {
  return { state, diagnostic, remoteState, remoteDiagnostic };
}

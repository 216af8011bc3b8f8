import type { PeerSnapshot } from "@herald-lb/bgp-speaker";
import { type NodePeers, sessionReports } from "@herald-lb/k8s-glue/announce";
import type { BgpSession } from "@herald-lb/k8s-glue/metallb";
import { deepEqual } from "@herald-lb/sansio";

/** The reports on this node's sessions, and a call when they change. An attempt that fails as the one before it changes nothing. */
export class SessionReports {
  readonly #snapshots: () => readonly PeerSnapshot[];
  readonly #onChange: () => void;
  #peers: NodePeers = { peers: [], issues: [] };
  #current: readonly BgpSession[] = [];

  constructor(snapshots: () => readonly PeerSnapshot[], onChange: () => void) {
    this.#snapshots = snapshots;
    this.#onChange = onChange;
  }

  /** The reports, sorted by peer. */
  get current(): readonly BgpSession[] {
    return this.#current;
  }

  /** Takes the peers that the node has from now on. */
  configure(peers: NodePeers): void {
    this.#peers = peers;
    this.update();
  }

  /** Works the reports out again: a session may have changed. */
  update(): void {
    const reports = sessionReports(this.#peers, this.#snapshots());
    if (deepEqual(reports, this.#current)) return;
    this.#current = reports;
    this.#onChange();
  }
}

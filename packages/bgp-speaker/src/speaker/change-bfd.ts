import { cease } from "../fsm/notification.ts";
import { CeaseSubcode } from "../iana.ts";
import type { BfdFacts } from "./bfd-snapshot.ts";
import { feed } from "./feed.ts";
import { type Transaction, updatePeer } from "./transaction.ts";

/**
 * Takes a change of the BFD session beside a peer's BGP session. One that was up and is lost ends the BGP session at once (RFC 5882 §4.2, RFC 9384
 * §3); one that comes up ends the wait for the next attempt. Nothing else does anything: BGP does not wait for BFD (RFC 5882 §4.1), and AdminDown
 * of either side says nothing of the path (§3.2).
 */
export function changeBfd(transaction: Transaction, name: string, facts: BfdFacts): void {
  const peer = transaction.state.peers.get(name);
  if (peer?.config.bfd === undefined) return;
  const before = peer.bfd;
  const since = before.state === facts.state && before.since !== null ? before.since : transaction.now;
  const { state, diagnostic, remoteState, remoteDiagnostic } = facts;
  updatePeer(transaction, name, { bfd: { state, diagnostic, remoteState, remoteDiagnostic, since } });
  if (before.state === facts.state) return;
  if (facts.state === "Up") attemptNow(transaction, name);
  else if (before.state === "Up" && facts.state === "Down" && facts.remoteState !== "AdminDown") {
    endSession(transaction, name, facts);
  }
}

function endSession(transaction: Transaction, name: string, { diagnostic, remoteDiagnostic }: BfdFacts): void {
  const state = transaction.state.peers.get(name)?.fsm.name;
  if (state !== "OpenSent" && state !== "OpenConfirm" && state !== "Established") return;
  feed(transaction, name, { type: "AutomaticStop", notification: cease(CeaseSubcode.BfdDown) });
  // In place of the NOTIFICATION, which says less.
  updatePeer(transaction, name, {
    lastError: { code: "BfdDown", diagnostic, remoteDiagnostic, at: transaction.now, state },
  });
}

/** The path is there: an attempt that began without it may wait for minutes, and so may the next one. A dynamic neighbor makes its own. */
function attemptNow(transaction: Transaction, name: string): void {
  const peer = transaction.state.peers.get(name);
  if (peer === undefined || peer.range !== null) return;
  const { fsm } = peer;
  if (fsm.name === "Idle" && fsm.idleHoldTimer !== null) feed(transaction, name, { type: "IdleHoldTimer_Expires" });
  else if ((fsm.name === "Connect" || fsm.name === "Active") && fsm.connectRetryTimer !== null)
    feed(transaction, name, { type: "ConnectRetryTimer_Expires" });
}

import { ipv4ToNumber, unreachable } from "@herald-lb/sansio";
import { checkOpen } from "../fsm/check-open.ts";
import type { OpenMessage } from "../message/open.ts";
import { feed } from "./feed.ts";
import { fsmConfigOf } from "./own-open.ts";
import { keepSecond, onSecond } from "./second-connection.ts";
import type { PeerState } from "./state.ts";
import { peerOf, type Transaction } from "./transaction.ts";

/**
 * Closes one of two connections with a peer when the peer's OPEN arrives on the one in hand, RFC 4271 §6.8. The other one counts from OpenSent on:
 * whose OPEN it awaits is known by this one. True where the connection in hand lives on.
 */
export function settleCollision(transaction: Transaction, name: string, open: OpenMessage): boolean {
  const peer = peerOf(transaction, name);
  if (peer.second === null || peer.fsm.name === "OpenConfirm" || peer.fsm.name === "Established") return true;
  const config = fsmConfigOf(transaction.config, peer.config, peer.establishedCount === 0);
  const checked = checkOpen(open, config);
  // An OPEN that does not suit settles nothing: this connection ends by it.
  if (!checked.ok) return true;
  const ours = { identifier: config.open.bgpIdentifier, as: config.localAs };
  const theirs = { identifier: open.bgpIdentifier, as: checked.value.peerAs };
  const isKept = isInHandKept(peer, opensBetter(ours, theirs));
  if (isKept === peer.secondInHand) keepSecond(transaction, name);
  else if (peer.secondInHand) feed(transaction, name, { type: "OpenCollisionDump" });
  else onSecond(transaction, name, () => feed(transaction, name, { type: "OpenCollisionDump" }));
  return isKept;
}

interface Speaker {
  readonly identifier: OpenMessage["bgpIdentifier"];
  readonly as: number;
}

/** True where the connection that `a` opened is kept: the higher BGP Identifier, and of two equal ones the larger AS number, RFC 6286 §2.3. */
function opensBetter(a: Speaker, b: Speaker): boolean {
  const difference = ipv4ToNumber(a.identifier) - ipv4ToNumber(b.identifier);
  return difference === 0 ? a.as > b.as : difference > 0;
}

function isInHandKept({ connection, second: other }: PeerState, oursIsKept: boolean): boolean {
  if (connection === null || other === null) return true;
  const { fsm } = other;
  switch (fsm.name) {
    case "Established":
      // RFC 4724 §4.2: a peer that restarts gracefully comes back before its old connection is known to be dead.
      return fsm.negotiated.gracefulRestart !== null;
    case "Idle":
      return true;
    case "Connect":
    case "Active":
    case "OpenSent":
    case "OpenConfirm":
      // Not open yet: the peer has not seen it, or no OPEN on it.
      if (other.connection === null || other.connection.local === null) return true;
      // The peer has given up the older of two connections of its own, unless it has sent its OPEN on that one alone.
      if (connection.isAccepted === other.connection.isAccepted)
        return fsm.name !== "OpenConfirm" || connection.id < other.connection.id;
      return connection.isAccepted !== oursIsKept;
    default:
      return unreachable(fsm);
  }
}

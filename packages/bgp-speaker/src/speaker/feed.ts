import { BGP_PORT } from "../peer-config.ts";
import { unreachable } from "@herald-lb/sansio";
import type { FsmEffect } from "../fsm/effect.ts";
import type { FsmEvent } from "../fsm/event.ts";
import { createFsm } from "../fsm/fsm.ts";
import { leaveUpdateGroup } from "../rib/adj-ribs-out.ts";
import { noteSession } from "../rib/journal.ts";
import { advertiseAll } from "./advertise.ts";
import { fsmConfigOf } from "./own-open.ts";
import { sendMessage } from "./send-message.ts";
import { updatePeer, peerOf, recordError, type Transaction } from "./transaction.ts";
import { peerAddress } from "./peer-address.ts";
import { connectionTtl } from "./ttl.ts";

/** Tells a peer's session what happened, and does what it wants done. */
export function feed(transaction: Transaction, name: string, event: FsmEvent): void {
  const peer = peerOf(transaction, name);
  const from = peer.fsm.name;
  const fsm = createFsm(fsmConfigOf(transaction.config, peer.config, peer.establishedCount === 0));
  const step = fsm.step(peer.fsm, event, transaction.now);
  // Messages are written as the session they belong to agreed, also when sending them is what ends it.
  for (const effect of step.effects) performFsmEffect(transaction, name, effect);
  updatePeer(transaction, name, { fsm: step.state });
  const to = step.state.name;
  if (from === to) return;
  if (!peer.secondInHand) transaction.effects.push({ type: "PeerStateChanged", peer: name, from, to, on: event.type });
  const { adjRibsOut, locRib, journal } = transaction.state;
  if (from === "Established") {
    leaveUpdateGroup(adjRibsOut, locRib, name);
    noteSession(journal, transaction.now, name, "SessionEnded");
  }
  if (to === "Established") {
    noteSession(journal, transaction.now, name, "SessionEstablished");
    updatePeer(transaction, name, { establishedCount: peer.establishedCount + 1 });
    advertiseAll(transaction, name);
  }
}

/** Starts the SendHoldTimer of a peer for which octets wait, unless it runs (RFC 9687 §3). */
export function watchSending(transaction: Transaction, name: string): void {
  const peer = transaction.state.peers.get(name);
  if (peer === undefined || peer.fsm.name !== "Established" || peer.fsm.sendHoldTimer !== null) return;
  if (peer.connection !== null && peer.connection.unsent > 0)
    feed(transaction, name, { type: "SendProgressed", waiting: true });
}

function performFsmEffect(transaction: Transaction, name: string, effect: FsmEffect): void {
  switch (effect.type) {
    case "InitiateTcp":
      return initiateTcp(transaction, name);
    case "DropTcp":
      return dropTcp(transaction, name, effect.graceful);
    case "SendMessage":
      return sendMessage(transaction, name, effect.message);
    default:
      return unreachable(effect);
  }
}

function initiateTcp(transaction: Transaction, name: string): void {
  const { config } = peerOf(transaction, name);
  const address = peerAddress(transaction.state, config);
  if (address === null) {
    // The ConnectRetryTimer runs, or the router is heard before: `changeRouter`.
    const problem = transaction.state.routers.get(config.interface ?? "")?.problem ?? null;
    return recordError(transaction, name, { code: "RouterNotFound", problem });
  }
  const id = transaction.state.nextConnection++;
  updatePeer(transaction, name, {
    connection: { id, local: null, pending: new Uint8Array(0), unsent: 0, isAccepted: false },
  });
  transaction.effects.push({
    type: "ConnectTcp",
    peer: name,
    connection: id,
    address,
    port: config.port ?? BGP_PORT,
    sourceAddress: config.sourceAddress ?? null,
    interface: config.interface ?? null,
    vrf: config.vrf ?? null,
    password: config.password ?? null,
    ...connectionTtl(transaction.config, config),
  });
}

/** Closes the connection in hand, or gives up opening it. */
export function dropTcp(transaction: Transaction, name: string, graceful: boolean): void {
  const { connection } = peerOf(transaction, name);
  if (connection === null) return;
  updatePeer(transaction, name, { connection: null });
  transaction.state.closing.add(connection.id);
  transaction.effects.push({ type: "CloseTcp", peer: name, connection: connection.id, graceful });
}

import { BGP_PORT } from "../peer-config.ts";
import { unreachable } from "@herald-lb/sansio";
import type { FsmEffect } from "../fsm/effect.ts";
import type { FsmEvent } from "../fsm/event.ts";
import { createFsm } from "../fsm/fsm.ts";
import { EMPTY_ADJ_RIB_OUT } from "../rib/adj-rib-out.ts";
import { advertiseAll } from "./advertise.ts";
import { fsmConfigOf, localAsOf } from "./own-open.ts";
import { sendMessage } from "./send-message.ts";
import { amend, peerOf, type Turn } from "./turn.ts";

/** Tells a peer's session what happened, and does what it wants done. */
export function feed(turn: Turn, name: string, event: FsmEvent): void {
  const before = peerOf(turn, name);
  const fsm = createFsm(fsmConfigOf(turn.config, before.config, before.establishedCount === 0));
  const step = fsm.step(before.fsm, event, turn.now);
  // Messages are written as the session they belong to agreed, also when sending them is what ends it.
  for (const effect of step.effects) performFsmEffect(turn, name, effect);
  amend(turn, name, { fsm: step.state });
  const from = before.fsm.name;
  const to = step.state.name;
  if (from === to) return;
  turn.effects.push({ type: "PeerStateChanged", peer: name, from, to, on: event.type });
  if (from === "Established") amend(turn, name, { adjRibOut: EMPTY_ADJ_RIB_OUT });
  if (to === "Established") {
    amend(turn, name, { establishedCount: before.establishedCount + 1 });
    advertiseAll(turn, name);
  }
}

/** Starts the SendHoldTimer of a peer for which octets wait, unless it runs (RFC 9687 §3). */
export function watchSending(turn: Turn, name: string): void {
  const peer = turn.peers.get(name);
  if (peer === undefined || peer.fsm.name !== "Established" || peer.fsm.sendHoldTimer !== null) return;
  if (peer.connection !== null && peer.connection.unsent > 0)
    feed(turn, name, { type: "SendProgressed", waiting: true });
}

function performFsmEffect(turn: Turn, name: string, effect: FsmEffect): void {
  switch (effect.type) {
    case "InitiateTcp":
      return initiateTcp(turn, name);
    case "DropTcp":
      return dropTcp(turn, name, effect.graceful);
    case "SendMessage":
      return sendMessage(turn, name, effect.message);
    default:
      return unreachable(effect);
  }
}

function initiateTcp(turn: Turn, name: string): void {
  const { config } = peerOf(turn, name);
  const id = turn.nextConnection++;
  amend(turn, name, { connection: { id, local: null, pending: new Uint8Array(0), unsent: 0 } });
  const internal = config.peerAs === "internal" || config.peerAs === localAsOf(turn.config, config);
  turn.effects.push({
    type: "ConnectTcp",
    peer: name,
    connection: id,
    address: config.address,
    port: config.port ?? BGP_PORT,
    sourceAddress: config.sourceAddress ?? null,
    interface: config.interface ?? null,
    password: config.password ?? null,
    ttl: internal || config.ebgpMultiHop === true ? null : 1,
  });
}

function dropTcp(turn: Turn, name: string, graceful: boolean): void {
  const { connection } = peerOf(turn, name);
  if (connection === null) return;
  amend(turn, name, { connection: null });
  turn.closing.add(connection.id);
  turn.effects.push({ type: "CloseTcp", peer: name, connection: connection.id, graceful });
}

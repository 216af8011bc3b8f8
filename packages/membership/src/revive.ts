import { instant } from "@herald-lb/sansio";
import { isUp, type Member } from "./member.ts";
import { pushPullOf } from "./merge.ts";
import type { NodeName } from "./node-name.ts";
import { nextSequence, pingFor } from "./probe.ts";
import { drawSome } from "./random.ts";
import { sendDirectly } from "./send.ts";
import { dialStream } from "./streams.ts";
import type { Transaction } from "./transaction.ts";
import { transportAddressKey } from "./transport-address.ts";

/** The dead members that are pinged at a time. */
const REVIVED_AT_ONCE = 3;

/** Plans the pings while a wanted peer is dead here; a stream to it would first wait out its lost SYN. */
export function planRevival(transaction: Transaction): void {
  if (transaction.name !== "Running" || deadPeers(transaction).length === 0) transaction.revival = null;
  else {
    const at = instant(transaction.now + transaction.setup.profile.probeInterval);
    transaction.revival ??= { at, pings: new Map() };
  }
}

/** Pings some of the dead members. */
export function pingDead(transaction: Transaction): void {
  const pings = new Map<number, NodeName>();
  for (const member of drawSome(transaction, deadPeers(transaction), REVIVED_AT_ONCE)) {
    const sequence = nextSequence(transaction);
    pings.set(sequence, member.name);
    sendDirectly(transaction, member, { type: "ping", ...pingFor(transaction, member, sequence) });
  }
  transaction.revival = { at: instant(transaction.now + transaction.setup.profile.probeInterval), pings };
}

/** Takes the ack of a member that is dead here: joins it at once. */
export function takeRevivalAck(transaction: Transaction, sequence: number): boolean {
  const name = transaction.revival?.pings.get(sequence);
  const member = name === undefined ? undefined : transaction.members.get(name);
  if (member === undefined || transaction.revival === null) return false;
  const pings = new Map(transaction.revival.pings);
  pings.delete(sequence);
  transaction.revival = { ...transaction.revival, pings };
  if (isUp(member)) return true;
  const key = transportAddressKey(member);
  for (const [id, stream] of transaction.streams) {
    if (stream.purpose !== "Join" || transportAddressKey(stream.peer) !== key) continue;
    transaction.streams.delete(id);
    transaction.effects.push({ type: "CloseStream", stream: id });
  }
  dialStream(transaction, "Join", member, pushPullOf(transaction, true));
  return true;
}

function deadPeers(transaction: Transaction): readonly Member[] {
  const dead = [...transaction.members.values()].filter(({ state }) => state === "dead");
  if (dead.length === 0) return [];
  const wanted = new Set(transaction.peers.map(transportAddressKey));
  return dead.filter((member) => wanted.has(transportAddressKey(member)));
}

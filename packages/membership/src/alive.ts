import { type IpAddress, ipAddressFromOctets } from "@herald-lb/sansio";
import { aliveMessageOf } from "./alive-message.ts";
import { adjustAwareness } from "./awareness.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { Member } from "./member.ts";
import { drawBelow } from "./random.ts";
import { broadcast } from "./send.ts";
import { ignore, ownMember, setMember, type Transaction } from "./transaction.ts";
import type { Versions } from "./versions.ts";
import { confirmByRefutation, takeAnswer } from "./confirmation.ts";
import type { Alive } from "./wire/message.ts";

const HIGHEST_INCARNATION = 0xffff_ffff;

/** Marks a node as alive: a new one, one that is back or changed, or this node as others remember it. */
export function aliveNode(transaction: Transaction, alive: Alive, from: TransportAddress | null): void {
  const isUs = alive.node === transaction.self;
  if (isUs && transaction.name !== "Running") return;
  const versions = versionsOf(alive.vsn);
  if (versions !== null && !areSane(versions)) return ignore(transaction, "BadVersions", from, alive.node);
  const address = addressOf(alive.addr);
  if (address === null) return ignore(transaction, "BadAddress", from, alive.node);

  const known = transaction.members.get(alive.node);
  const moved = known !== undefined && (known.address !== address || known.port !== alive.port);
  if (moved && !mayReclaim(transaction, known)) return ignore(transaction, "NameConflict", from, alive.node);
  if (isUs) return receiveOwnAlive(transaction, alive, from);
  if (known !== undefined && !moved && alive.incarnation <= known.incarnation) return;

  // A copy: the packet behind it is the host's.
  const meta = alive.meta?.slice() ?? new Uint8Array();
  const member: Member = {
    name: alive.node,
    address,
    port: alive.port,
    meta,
    versions: versions ?? known?.versions ?? null,
    incarnation: alive.incarnation,
    state: "alive",
    stateChangedAt: known?.state === "alive" ? known.stateChangedAt : transaction.now,
    suspicion: null,
    declaredBy: null,
  };
  if (known === undefined) {
    // A random place in the round, so that not everybody probes a newcomer at the same moment.
    transaction.probeOrder = transaction.probeOrder.toSpliced(
      drawBelow(transaction, transaction.probeOrder.length + 1),
      0,
      member.name,
    );
  }
  setMember(transaction, member);
  broadcast(transaction, member.name, { type: "alive", ...alive });
}

/** Refutes a suspicion by an incarnation that is higher than the suspected one. */
export function refute(transaction: Transaction, suspected: number): void {
  const us = ownMember(transaction);
  const incarnation = Math.min(HIGHEST_INCARNATION, Math.max(us.incarnation, suspected) + 1);
  setMember(transaction, { ...us, incarnation });
  adjustAwareness(transaction, 1);
  broadcastAlive(transaction);
  confirmByRefutation(transaction);
}

/** Broadcasts the alive message of this node. */
export function broadcastAlive(transaction: Transaction): void {
  broadcast(transaction, transaction.self, aliveMessageOf(ownMember(transaction)));
}

/** The address in 4 or 16 octets; an IPv4 address that Go wrote in 16 is the IPv4 address. Null for any other length. */
export function addressOf(octets: Uint8Array | null): IpAddress | null {
  if (octets?.length === 4) return ipAddressFromOctets(octets);
  if (octets?.length !== 16) return null;
  const mapped = octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  return ipAddressFromOctets(mapped ? octets.subarray(12) : octets);
}

/** The six versions; null where a node did not say them all. */
export function versionsOf(vsn: Uint8Array | null): Versions | null {
  if (vsn === null || vsn.length < 6) return null;
  return [...vsn.subarray(0, 6)] as unknown as Versions;
}

function areSane([protocolMin, protocolMax]: Versions): boolean {
  return protocolMin > 0 && protocolMax > 0 && protocolMin <= protocolMax;
}

function mayReclaim(transaction: Transaction, known: Member): boolean {
  if (known.state === "left") return true;
  const { deadNodeReclaimTime } = transaction.setup;
  return (
    known.state === "dead" && deadNodeReclaimTime > 0 && transaction.now - known.stateChangedAt > deadNodeReclaimTime
  );
}

function receiveOwnAlive(transaction: Transaction, alive: Alive, from: TransportAddress | null): void {
  const us = ownMember(transaction);
  takeAnswer(transaction, from);
  if (alive.incarnation < us.incarnation) return;
  const same =
    alive.incarnation === us.incarnation &&
    sameOctets(alive.meta ?? new Uint8Array(), us.meta) &&
    sameOctets(alive.vsn ?? new Uint8Array(), Uint8Array.from(transaction.setup.versions));
  if (!same) refute(transaction, alive.incarnation);
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

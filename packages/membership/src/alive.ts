import { type IpAddress, ipAddressFromOctets, octetsOf } from "@herald-lb/sansio";
import { adjustAwareness } from "./awareness.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Member } from "./member.ts";
import { drawBelow } from "./random.ts";
import { broadcast } from "./send.ts";
import { ignore, ourselves, setMember, type Turn } from "./turn.ts";
import type { Versions } from "./versions.ts";
import type { Alive, Message } from "./wire/message.ts";

const HIGHEST_INCARNATION = 0xffff_ffff;

/** Takes note that a node lives, be it new, back, changed, or ourselves as others remember us. */
export function noteAlive(turn: Turn, alive: Alive, from: Endpoint | null): void {
  const isUs = alive.node === turn.self;
  if (isUs && turn.name !== "Running") return;
  const versions = versionsOf(alive.vsn);
  if (versions !== null && !areSane(versions)) return ignore(turn, "BadVersions", from, alive.node);
  const address = addressOf(alive.addr);
  if (address === null) return ignore(turn, "BadAddress", from, alive.node);

  const known = turn.members.get(alive.node);
  const moved = known !== undefined && (known.address !== address || known.port !== alive.port);
  if (moved && !mayMove(turn, known)) return ignore(turn, "NameConflict", from, alive.node);
  if (isUs) return noteOurselves(turn, alive);
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
    stateChangedAt: known?.state === "alive" ? known.stateChangedAt : turn.now,
    suspicion: null,
  };
  if (known === undefined) {
    // A random place in the round, so that not everybody probes a newcomer at the same moment.
    turn.probeOrder = turn.probeOrder.toSpliced(drawBelow(turn, turn.probeOrder.length + 1), 0, member.name);
  }
  setMember(turn, member);
  broadcast(turn, member.name, { type: "alive", ...alive });
}

/** Contradicts an accusation by an incarnation that is higher than the accused one. */
export function refute(turn: Turn, accused: number): void {
  const us = ourselves(turn);
  const incarnation = Math.min(HIGHEST_INCARNATION, Math.max(us.incarnation, accused) + 1);
  setMember(turn, { ...us, incarnation });
  adjustAwareness(turn, 1);
  announceOurselves(turn);
}

/** Tells the ring of ourselves as we are. */
export function announceOurselves(turn: Turn): void {
  broadcast(turn, turn.self, aliveOurselves(turn));
}

/** What we say of ourselves. */
export function aliveOurselves(turn: Turn): Message {
  const { name, incarnation, address, port, meta } = ourselves(turn);
  const vsn = Uint8Array.from(turn.setup.versions);
  return { type: "alive", incarnation, node: name, addr: octetsOf(address), port, meta, vsn };
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

function mayMove(turn: Turn, known: Member): boolean {
  if (known.state === "left") return true;
  const { deadNodeReclaimTime } = turn.setup;
  return known.state === "dead" && deadNodeReclaimTime > 0 && turn.now - known.stateChangedAt > deadNodeReclaimTime;
}

function noteOurselves(turn: Turn, alive: Alive): void {
  const us = ourselves(turn);
  if (alive.incarnation < us.incarnation) return;
  const same =
    alive.incarnation === us.incarnation &&
    sameOctets(alive.meta ?? new Uint8Array(), us.meta) &&
    sameOctets(alive.vsn ?? new Uint8Array(), Uint8Array.from(turn.setup.versions));
  if (!same) refute(turn, alive.incarnation);
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

import { type IpPrefix, prefixFamily } from "@herald-lb/sansio";
import type { Destination, Wish } from "./destination.ts";
import { type PeerLists, releasePeers, retainPeers } from "./peer-lists.ts";
import type { DesiredRoute } from "./route.ts";
import type { AttributeTable } from "./route-attributes.ts";

/** One event's changes, being applied. */
interface KeyedChanges {
  /** The keys to come and their routes. */
  readonly rest: Iterator<readonly [string, readonly DesiredRoute[]]>;
  /** The key at which the work stands; null behind the last. */
  at: readonly [string, readonly DesiredRoute[]] | null;
  /** For that key: the number of its new routes that are in, and of its old ones that are out. */
  added: number;
  removed: number;
}

/** Everything that is wanted, by who wants it and by prefix: RFC 4271 §3.2. Changed in place. */
export interface LocRib {
  readonly byKey: Map<string, readonly DesiredRoute[]>;
  readonly byPrefix: Map<IpPrefix, Destination>;
  readonly byId: (Destination | null)[];
  /** The ids below the length of `byId` that no destination has. */
  readonly freeIds: number[];
  /** Destinations whose routes may differ from what the update groups have, those without any route apart: they go first. */
  readonly gone: Set<Destination>;
  readonly changed: Set<Destination>;
  readonly peerLists: PeerLists;
  readonly attributes: AttributeTable;
  readonly inbox: KeyedChanges[];
  round: number;
}

/** Nothing wanted. */
export function createLocRib(): LocRib {
  return {
    byKey: new Map(),
    byPrefix: new Map(),
    byId: [],
    freeIds: [],
    gone: new Set(),
    changed: new Set(),
    peerLists: new Map(),
    attributes: { byKey: new Map(), last: null },
    inbox: [],
    round: 0,
  };
}

/** Notes that each key of `changes` wants exactly what it names. Nothing is looked at before `applyChanges`. */
export function noteChanges(rib: LocRib, changes: ReadonlyMap<string, readonly DesiredRoute[]>): void {
  if (changes.size === 0) return;
  const rest = changes.entries();
  rib.inbox.push({ rest, at: nextOf(rest), added: 0, removed: 0 });
}

/**
 * Applies what was noted, `budget` keys and routes at most, and calls `onPeers` where a route names peers that no route before it named.
 * While changes are left, a destination may have some wishes of a key in its old form and some in its new one.
 */
export function applyChanges(rib: LocRib, budget: number, onPeers: (peers: ReadonlySet<string>) => void): void {
  let left = budget;
  for (let batch = rib.inbox[0]; batch !== undefined && left > 0; batch = rib.inbox[0]) {
    left = applyBatch(rib, batch, left, onPeers);
    if (batch.at === null) rib.inbox.shift();
  }
}

function applyBatch(
  rib: LocRib,
  batch: KeyedChanges,
  budget: number,
  onPeers: (peers: ReadonlySet<string>) => void,
): number {
  let left = budget;
  for (; batch.at !== null && left > 0; batch.at = nextOf(batch.rest), left--) {
    const [key, after] = batch.at;
    const before = rib.byKey.get(key) ?? [];
    for (; batch.added < after.length && left > 0; batch.added++, left--) {
      addWish(rib, key, after[batch.added] as DesiredRoute, onPeers);
    }
    if (batch.added < after.length) return 0;
    for (; batch.removed < before.length && left > 0; batch.removed++, left--) {
      removeWishes(rib, key, (before[batch.removed] as DesiredRoute).prefix);
    }
    if (batch.removed < before.length) return 0;
    if (after.length === 0) rib.byKey.delete(key);
    else rib.byKey.set(key, after);
    batch.added = batch.removed = 0;
    rib.round++;
  }
  return left;
}

function nextOf<Value>(values: Iterator<Value>): Value | null {
  const next = values.next();
  return next.done === true ? null : next.value;
}

function addWish(rib: LocRib, key: string, route: DesiredRoute, onPeers: (peers: ReadonlySet<string>) => void): void {
  const destination = rib.byPrefix.get(route.prefix) ?? createDestination(rib, route.prefix, key);
  destination.cause = key;
  destination.wishes = { key, route, round: rib.round, next: destination.wishes };
  const peers = retainPeers(rib.peerLists, route.peers);
  if (peers !== null) onPeers(peers);
  noteDestination(rib, destination);
}

/** Takes out what `key` wished for `prefix` before the present round. */
function removeWishes(rib: LocRib, key: string, prefix: IpPrefix): void {
  const destination = rib.byPrefix.get(prefix);
  if (destination === undefined) return;
  let before: Wish | null = null;
  for (let wish = destination.wishes; wish !== null; wish = wish.next) {
    if (wish.key !== key || wish.round === rib.round) {
      before = wish;
      continue;
    }
    if (before === null) destination.wishes = wish.next;
    else before.next = wish.next;
    releasePeers(rib.peerLists, wish.route.peers);
    destination.cause = key;
  }
  noteDestination(rib, destination);
}

function noteDestination(rib: LocRib, destination: Destination): void {
  const isGone = destination.wishes === null;
  (isGone ? rib.changed : rib.gone).delete(destination);
  (isGone ? rib.gone : rib.changed).add(destination);
}

function createDestination(rib: LocRib, prefix: IpPrefix, cause: string): Destination {
  const id = rib.freeIds.pop() ?? rib.byId.length;
  const destination: Destination = { prefix, family: prefixFamily(prefix), id, wishes: null, cause, withdrawals: 0 };
  rib.byPrefix.set(prefix, destination);
  rib.byId[id] = destination;
  return destination;
}

/** Forgets a destination that nobody wants, nobody is to be told the end of, and no change concerns. */
export function forgetIfUnused(rib: LocRib, destination: Destination): void {
  if (destination.wishes !== null || destination.withdrawals > 0 || rib.gone.has(destination)) return;
  rib.byPrefix.delete(destination.prefix);
  rib.byId[destination.id] = null;
  rib.freeIds.push(destination.id);
}

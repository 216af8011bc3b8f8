import { hasChanged, isUp } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { Transaction } from "./transaction.ts";
import { agree, reportLoss } from "./agreement.ts";
import { bfdPortOf } from "./bfd-meta.ts";
import { believeDeath } from "./deferred-death.ts";
import { beginLossCheck, checkedNode, endLossCheck, runLossChecks } from "./loss-check.ts";
import { createRing, hashedNode, watchedBy, watchersOf } from "./ring.ts";
import { noWatchers, type WatchableMember } from "./watcher-state.ts";
import type { WatcherView } from "./watcher-view.ts";

/** Works out anew which sessions are needed, after the members have changed; tells the host where these are others than before. */
export function planSessions(transaction: Transaction): void {
  const { bfd } = transaction.setup;
  if (bfd === null || transaction.members === transaction.before) return;
  const { self, watcher: before } = transaction;
  const watchable = transaction.name === "Running" ? watchableMembers(transaction) : noWatchers.watchable;
  // Most changes are suspicions and new incarnations.
  if (isSame(watchable, before.watchable)) return;
  // A ring of one has nobody to watch.
  const ring = watchable.size > 1 ? createRing(watchable.values()) : [];
  const wanted = new Set([...watchedBy(ring, self, bfd.watchers), ...watchersOf(ring, self, bfd.watchers)]);
  const sessions = new Map(
    [...watchable].flatMap(([node, { session }]) => (wanted.has(node) ? [[node, session]] : [])),
  );
  if (isSame(sessions, before.sessions)) {
    transaction.watcher = { ...before, watchable, ring };
    return;
  }
  const stays = ([node]: readonly [NodeName, unknown]): boolean => sessions.has(node);
  transaction.watcher = {
    ...before,
    watchable,
    ring,
    sessions,
    views: new Map([...before.views].filter(stays)),
    reports: new Map([...before.reports].filter(stays)),
    deaths: new Map([...before.deaths].filter(stays)),
    checks: new Map([...before.checks].filter(stays)),
  };
  transaction.effects.push({ type: "SessionsDesired", sessions: [...sessions.values()] });
}

/** Takes a change of this node's session with another. */
export function changeView(transaction: Transaction, node: NodeName, view: WatcherView): void {
  const { watcher } = transaction;
  if (!watcher.sessions.has(node)) return;
  const was = watcher.views.get(node)?.view ?? "Down";
  // What never was up cannot be lost; a node that this one does not watch is the business of others.
  if (view === "Lost" && was === "Up" && isWatched(transaction, node)) return beginLossCheck(transaction, node);
  endLossCheck(transaction, node);
  setView(transaction, node, view === "Up" ? "Up" : "Down");
  if (view === "Lost") believeDeath(transaction, node);
}

/** Reports the losses that no ack has contradicted in time, and acts on those that other watchers share. */
export function finishLossChecks(transaction: Transaction): void {
  for (const node of runLossChecks(transaction)) {
    setView(transaction, node, "Lost");
    reportLoss(transaction, node);
    believeDeath(transaction, node);
    agree(transaction, node);
  }
}

/** Takes an ack of a node that was just lost: it lives, though it has no session. */
export function takeLossCheckAck(transaction: Transaction, sequence: number): boolean {
  const node = checkedNode(transaction, sequence);
  if (node === null) return false;
  endLossCheck(transaction, node);
  setView(transaction, node, "Down");
  return true;
}

function setView(transaction: Transaction, node: NodeName, view: WatcherView): void {
  const { watcher, now } = transaction;
  // Only a loss that another watcher has just reported is news about this one.
  const others = [...(watcher.reports.get(node) ?? [])].filter(([, dated]) => view === "Lost" && dated.view === "Lost");
  const reports = new Map(watcher.reports).set(node, new Map(others));
  transaction.watcher = { ...watcher, reports, views: new Map(watcher.views).set(node, { view, at: now }) };
}

function isWatched({ setup, watcher, self }: Transaction, node: NodeName): boolean {
  return setup.bfd !== null && watchedBy(watcher.ring, self, setup.bfd.watchers).includes(node);
}

/** The live members that have BFD sessions, this node among them; those that are as before are the same objects. */
function watchableMembers({ members, watcher }: Transaction): ReadonlyMap<NodeName, WatchableMember> {
  const watchable = new Map<NodeName, WatchableMember>();
  for (const member of members.values()) {
    if (!isUp(member)) continue;
    const { name: node, address } = member;
    const before = watcher.watchable.get(node);
    if (before !== undefined && !hasChanged(before.member, member)) {
      watchable.set(node, before);
      continue;
    }
    const port = bfdPortOf(member.meta);
    if (port !== null) watchable.set(node, { member, session: { node, address, port }, ...hashedNode(node) });
  }
  return watchable;
}

function isSame<Value>(a: ReadonlyMap<NodeName, Value>, b: ReadonlyMap<NodeName, Value>): boolean {
  return a.size === b.size && [...a].every(([node, value]) => b.get(node) === value);
}

import { isUp } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { Transaction } from "./transaction.ts";
import { agree, reportLoss } from "./agreement.ts";
import { bfdPortOf } from "./bfd-meta.ts";
import { believeDeath } from "./deferred-death.ts";
import { beginLossCheck, checkedNode, endLossCheck, runLossChecks } from "./loss-check.ts";
import { createRing, watchedBy, watchersOf } from "./ring.ts";
import type { WatcherSession } from "./watcher-state.ts";
import type { WatcherView } from "./watcher-view.ts";

/** Works out anew which sessions are needed, after the members have changed; tells the host where these are others than before. */
export function planSessions(transaction: Transaction): void {
  const { bfd } = transaction.setup;
  if (bfd === null || transaction.members === transaction.before) return;
  const places = transaction.name === "Running" ? placesOf(transaction) : new Map<NodeName, WatcherSession>();
  const { self, watcher: before } = transaction;
  // A ring of one has nobody to watch.
  const ring = places.size > 1 ? createRing(places.keys()) : [];
  const wanted = new Set([...watchedBy(ring, self, bfd.watchers), ...watchersOf(ring, self, bfd.watchers)]);
  const sessions = new Map([...places].filter(([node]) => wanted.has(node)));
  const isSame = sessions.size === before.sessions.size && [...sessions].every(([, each]) => isKnown(before, each));
  if (isSame) {
    if (String(ring) !== String(before.ring)) transaction.watcher = { ...before, ring };
    return;
  }
  const stays = ([node]: readonly [NodeName, unknown]): boolean => sessions.has(node);
  transaction.watcher = {
    ...before,
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

/** The live members that have BFD sessions, this node among them. */
function placesOf(transaction: Transaction): ReadonlyMap<NodeName, WatcherSession> {
  const places = new Map<NodeName, WatcherSession>();
  for (const member of transaction.members.values()) {
    const port = isUp(member) ? bfdPortOf(member.meta) : null;
    if (port !== null) places.set(member.name, { node: member.name, address: member.address, port });
  }
  return places;
}

function isKnown(
  { sessions }: { readonly sessions: ReadonlyMap<NodeName, WatcherSession> },
  each: WatcherSession,
): boolean {
  const known = sessions.get(each.node);
  return known !== undefined && known.address === each.address && known.port === each.port;
}

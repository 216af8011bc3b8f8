import { declareDead } from "./declaration.ts";
import { isUp } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { sendDirectly } from "./send.ts";
import { ignore, type Transaction } from "./transaction.ts";
import type { TransportAddress } from "./transport-address.ts";
import { encodeHeraldMessage, type WatcherReport } from "./wire/herald-message.ts";
import { watchersOf } from "./ring.ts";
import type { DatedView } from "./watcher-state.ts";
import type { WatcherView } from "./watcher-view.ts";

/** The number of watchers that must have lost a node before it is declared dead; all of them where fewer have a session with it. */
const AGREEING = 2;

/**
 * The time for which a loss counts, in milliseconds. Watchers of a dead node lose it within one detection time of each other; a watcher
 * that lost it long ago has a broken path, which must not turn the next watcher's hiccup into a death.
 */
const LOSS_LIFETIME = 1_000;

/** Tells the other watchers of a node that this one has lost it, and asks for their views. */
export function reportLoss(transaction: Transaction, node: NodeName): void {
  const others = watchers(transaction, node).filter((watcher) => watcher !== transaction.self);
  for (const other of others) sendReport(transaction, other, node, true);
}

/** Takes the view of another watcher, and answers with this node's where it is asked for. */
export function receiveReport(transaction: Transaction, report: WatcherReport, from: TransportAddress): void {
  const { watcher, node, incarnation, view, asks } = report;
  const sender = transaction.members.get(watcher);
  const known = transaction.members.get(node);
  const all = watchers(transaction, node);
  const isFromWatcher = sender !== undefined && sender.address === from.address && all.includes(watcher);
  if (!isFromWatcher || watcher === transaction.self || known === undefined || incarnation < known.incarnation)
    return ignore(transaction, "UnexpectedReport", from, `${watcher} about ${node}`);
  // A watcher that sees the ring otherwise for a moment gets no answer: it must not take this node for one without a session.
  if (!all.includes(transaction.self)) return;
  const { reports } = transaction.watcher;
  const ofNode = new Map(reports.get(node)).set(watcher, { view, at: transaction.now });
  transaction.watcher = { ...transaction.watcher, reports: new Map(reports).set(node, ofNode) };
  if (asks) sendReport(transaction, watcher, node, false);
  agree(transaction, node);
}

/**
 * Declares a node dead that this node has lost, when another watcher has lost it too; alone where no other watcher has a session with
 * it. One that still hears the node, or that does not answer, leaves the decision to the other watchers and to gossip.
 */
export function agree(transaction: Transaction, node: NodeName): void {
  const { watcher, self } = transaction;
  const member = transaction.members.get(node);
  if (member === undefined || !isUp(member) || presentView(transaction, watcher.views.get(node)) !== "Lost") return;
  const views = watchers(transaction, node).map((name): readonly [NodeName, WatcherView | null] => {
    if (name === self) return [name, "Lost"];
    const dated = watcher.reports.get(node)?.get(name);
    return [name, dated !== undefined && transaction.now - dated.at <= LOSS_LIFETIME ? dated.view : null];
  });
  const withSession = views.filter(([, view]) => view !== "Down");
  const lost = views.filter(([, view]) => view === "Lost").map(([name]) => name);
  if (lost.length < Math.min(AGREEING, withSession.length)) return;
  const { incarnation } = member;
  declareDead(transaction, { incarnation, node, from: self });
  transaction.effects.push({ type: "DeathDeclared", node, by: lost });
}

/** A loss that is too old says only that there is no session. */
function presentView({ now }: Transaction, dated: DatedView | undefined): WatcherView {
  if (dated === undefined) return "Down";
  return dated.view === "Lost" && now - dated.at > LOSS_LIFETIME ? "Down" : dated.view;
}

function watchers(transaction: Transaction, node: NodeName): readonly NodeName[] {
  const { bfd } = transaction.setup;
  return bfd === null ? [] : watchersOf(transaction.watcher.ring, node, bfd.watchers);
}

function sendReport(transaction: Transaction, to: NodeName, node: NodeName, asks: boolean): void {
  const member = transaction.members.get(to);
  const about = transaction.members.get(node);
  if (member === undefined || about === undefined) return;
  const { incarnation } = about;
  const view = presentView(transaction, transaction.watcher.views.get(node));
  const payload = encodeHeraldMessage({
    type: "WatcherReport",
    watcher: transaction.self,
    node,
    incarnation,
    view,
    asks,
  });
  sendDirectly(transaction, member, { type: "user", payload });
}

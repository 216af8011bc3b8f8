import type { Family } from "../family.ts";
import { endOfRib } from "../message/update.ts";
import type { ReportRefusal } from "../rib/group-view.ts";
import { journalRun } from "../rib/journal.ts";
import { pendingOf } from "../rib/subgroup.ts";
import { continuePass } from "../rib/subgroup-pass.ts";
import { takeUpdates, WINDOW } from "../rib/subgroup-updates.ts";
import type { Subgroup } from "../rib/update-group.ts";
import { sendMessage, sendUpdates } from "./send-message.ts";
import { negotiatedOf, peerOf, type Transaction } from "./transaction.ts";

/** The number of routes that an effect for one more member counts as. */
const MEMBER_COST = 4;

/**
 * Tells the members of a subgroup the next of what is pending. `isQuiet` says that no change is under way, so that End-of-RIB can be true. Returns
 * the number of routes that it took as much time as.
 */
export function tellSubgroup(
  transaction: Transaction,
  subgroup: Subgroup,
  isQuiet: boolean,
  report: ReportRefusal,
): number {
  const { locRib } = transaction.state;
  if (subgroup.pass === null) beginRefresh(transaction, subgroup);
  const room = pendingOf(subgroup) < WINDOW ? WINDOW : 0;
  const passed = room - continuePass(locRib, subgroup, room, report);
  const isPassed = subgroup.pass === null || subgroup.pass.at === Infinity;
  const before = pendingOf(subgroup);
  const journal = journalRun(transaction.state.journal, transaction.now, subgroup);
  const run = takeUpdates(locRib, subgroup, isQuiet && isPassed, journal);
  if (run.count > 0) for (const name of subgroup.members) sendUpdates(transaction, name, run);
  const after = pendingOf(subgroup);
  if (isQuiet && isPassed && after === 0) endPass(transaction, subgroup);
  return passed + before - after + MEMBER_COST * subgroup.members.size;
}

function beginRefresh(transaction: Transaction, subgroup: Subgroup): void {
  const family = subgroup.refreshes.shift();
  if (family === undefined) return;
  subgroup.pass = { purpose: "refresh", family, at: 0 };
  mark(transaction, subgroup, family, 1);
}

function endPass(transaction: Transaction, subgroup: Subgroup): void {
  const { pass } = subgroup;
  if (pass === null) return;
  subgroup.pass = null;
  if (pass.family !== null) return mark(transaction, subgroup, pass.family, 2);
  for (const name of subgroup.members)
    for (const family of subgroup.group.session.families) sendMessage(transaction, name, endOfRib(family));
}

/** The marks of RFC 7313 §4, where they were negotiated. */
function mark(transaction: Transaction, { members }: Subgroup, family: Family, subtype: 1 | 2): void {
  for (const name of members) {
    if (negotiatedOf(peerOf(transaction, name))?.enhancedRouteRefresh !== true) continue;
    sendMessage(transaction, name, { type: "ROUTE-REFRESH", family, subtype });
  }
}

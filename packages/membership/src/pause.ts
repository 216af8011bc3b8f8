import { type Instant, instant } from "@herald-lb/sansio";
import { adjustAwareness } from "./awareness.ts";
import { setMember, type Transaction } from "./transaction.ts";

/** The number of probe intervals by which the host may be late before it counts as paused. */
const TOLERANCE = 2;

/**
 * Compensates a pause of the host (stopped, suspended, starved): the answers to its probes wait unread in its sockets, and
 * its suspects could not reach it. They get the lost time back, so that a paused node does not suspect others of its own pause.
 */
export function compensatePause(transaction: Transaction, due: Instant): void {
  const late = transaction.now - due;
  if (late <= transaction.setup.profile.probeInterval * TOLERANCE) return;
  adjustAwareness(transaction, 1);
  const later = (at: Instant): Instant => instant(at + late);
  if (transaction.probe !== null) {
    const { indirectAt, deadline } = transaction.probe;
    transaction.probe = {
      ...transaction.probe,
      indirectAt: indirectAt === null ? null : later(indirectAt),
      deadline: later(deadline),
    };
  }
  for (const name of transaction.suspects) {
    const member = transaction.members.get(name);
    if (member === undefined || member.suspicion === null) continue;
    const { suspicion } = member;
    const startedAt = later(suspicion.startedAt);
    setMember(transaction, { ...member, suspicion: { ...suspicion, startedAt, deadline: later(suspicion.deadline) } });
  }
}

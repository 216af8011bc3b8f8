import { type Instant, instant } from "@herald-lb/sansio";
import { adjustAwareness } from "./awareness.ts";
import { setMember, type Transaction } from "./transaction.ts";

/** The number of probe intervals by which the host may be late before it counts as paused. */
const TOLERANCE = 2;

/**
 * Makes good for a host that stood still (stopped, suspended, starved): the answers to what it asked wait unread in its sockets, and
 * those it suspects could not be heard. Their time is given back, so that a node that slept accuses nobody of having slept.
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
  for (const member of transaction.members.values()) {
    const { suspicion } = member;
    if (suspicion === null) continue;
    const startedAt = later(suspicion.startedAt);
    setMember(transaction, { ...member, suspicion: { ...suspicion, startedAt, deadline: later(suspicion.deadline) } });
  }
}

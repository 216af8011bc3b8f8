import { type Instant, instant } from "@herald-lb/sansio";
import { adjustAwareness } from "./awareness.ts";
import { setMember, type Turn } from "./turn.ts";

/** How many probe intervals the host may be late before it counts as having stood still. */
const TOLERANCE = 2;

/**
 * Makes good for a host that stood still (stopped, suspended, starved): the answers to what it asked wait unread in its sockets, and
 * those it suspects could not be heard. Their time is given back, so that a node that slept accuses nobody of having slept.
 */
export function forgivePause(turn: Turn, due: Instant): void {
  const late = turn.now - due;
  if (late <= turn.setup.profile.probeInterval * TOLERANCE) return;
  adjustAwareness(turn, 1);
  const later = (at: Instant): Instant => instant(at + late);
  if (turn.probe !== null) {
    const { indirectAt, deadline } = turn.probe;
    turn.probe = {
      ...turn.probe,
      indirectAt: indirectAt === null ? null : later(indirectAt),
      deadline: later(deadline),
    };
  }
  for (const member of turn.members.values()) {
    const { suspicion } = member;
    if (suspicion === null) continue;
    const startedAt = later(suspicion.startedAt);
    setMember(turn, { ...member, suspicion: { ...suspicion, startedAt, deadline: later(suspicion.deadline) } });
  }
}

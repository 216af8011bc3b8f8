import type { Turn } from "./turn.ts";

/** Lifeguard's local health: worse after what hints at our own trouble, better after each probe that was answered. */
export function adjustAwareness(turn: Turn, by: number): void {
  const highest = turn.setup.profile.awarenessMaxMultiplier - 1;
  turn.awareness = Math.min(highest, Math.max(0, turn.awareness + by));
}

import { type Instant, instant, type Machine, type Step, unreachable } from "@herald-lb/sansio";
import type { AfterTerm, LeadershipEffect, LeadershipEvent, LeadershipState } from "./leadership-state.ts";

/** The time that writes under way at the end of a term may still take, in milliseconds. */
const LAST_WRITES = 500;

type Leadership = Step<LeadershipState, LeadershipEffect>;
type Named<Name extends LeadershipState["name"]> = Extract<LeadershipState, { readonly name: Name }>;

/**
 * The machine of leadership: when a controller reads the recorded state, when it gives out addresses, and what has to end before it
 * begins again or leaves. One term at a time: the next one begins only after the last write of the one before has ended.
 */
export const leadershipMachine: Machine<LeadershipState, LeadershipEvent, LeadershipEffect> = {
  step(state, event, now) {
    if (event.type === "LeaderObserved") return unchanged({ ...state, leader: event.identity });
    switch (state.name) {
      case "Standby":
        return inStandby(state, event);
      case "Starting":
        return inStarting(state, event);
      case "Leading":
        return inLeading(state, event, now);
      case "Stopping":
        return inStopping(state, event);
      case "Stopped":
        return unchanged(state);
      default:
        return unreachable(state);
    }
  },
  advance(state, now) {
    if (state.name !== "Stopping" || state.abortTimer === null || now < state.abortTimer) return unchanged(state);
    return { state: { ...state, abortTimer: null }, effects: [{ type: "AbortWrites" }] };
  },
  nextDeadline: (state) => (state.name === "Stopping" ? state.abortTimer : null),
};

/** Names the part that a controller plays, for `/readyz`. A controller that still reads the recorded state does not lead yet. */
export function describeLeadership({ name, leader }: LeadershipState): string {
  if (name === "Leading") return "leading";
  return leader === null ? "standing by, no leader known" : `standing by for ${leader}`;
}

function inStandby(state: Named<"Standby">, event: LeadershipEvent): Leadership {
  switch (event.type) {
    case "LeaseAcquired":
      return starting(state, null);
    case "Shutdown":
      return stopped(state);
    default:
      return unchanged(state);
  }
}

function inStarting(state: Named<"Starting">, event: LeadershipEvent): Leadership {
  switch (event.type) {
    case "LeaseAcquired":
      return starting(state, null);
    case "LeaseLost":
      return unchanged({ ...state, name: "Standby" });
    case "RecordedStateRead": {
      if (event.term !== state.term) return unchanged(state);
      const { term, leader } = state;
      const leading = { name: "Leading", term, leader, configuration: event.configuration } as const;
      return { state: leading, effects: [{ type: "BeginTerm", term }] };
    }
    case "RecordedStateFenced":
      return event.term === state.term ? unchanged({ ...state, name: "Standby" }) : unchanged(state);
    case "Shutdown":
      return stopped(state);
    default:
      return unchanged(state);
  }
}

function inLeading(state: Named<"Leading">, event: LeadershipEvent, now: Instant): Leadership {
  switch (event.type) {
    case "LeaseAcquired":
      return stopping({ ...state, leader: null }, "Starting", "a new term", now);
    case "LeaseLost":
      return stopping(state, "Standby", event.because, now);
    case "ConfigurationChanged":
      // A term that began without knowing the configuration has adopted into no pool: only a new term can.
      if (state.configuration === "Unknown" && event.configuration === "Known")
        return stopping(state, "Starting", "a new term", now);
      return { state, effects: [{ type: "Reconfigure" }] };
    case "Shutdown":
      return stopping(state, "Stopped", "Stopped", now);
    default:
      return unchanged(state);
  }
}

function inStopping(state: Named<"Stopping">, event: LeadershipEvent): Leadership {
  switch (event.type) {
    case "LeaseAcquired":
      return state.next === "Stopped" ? unchanged(state) : unchanged({ ...state, next: "Starting", leader: null });
    case "LeaseLost":
      return state.next === "Stopped" ? unchanged(state) : unchanged({ ...state, next: "Standby" });
    case "Shutdown":
      return unchanged({ ...state, next: "Stopped" });
    case "TermEnded":
      return event.term === state.term ? afterTerm(state) : unchanged(state);
    default:
      return unchanged(state);
  }
}

function afterTerm(state: Named<"Stopping">): Leadership {
  const { next, term, leader } = state;
  switch (next) {
    case "Standby":
      return unchanged({ name: "Standby", term, leader });
    case "Starting":
      return starting(state, leader);
    case "Stopped":
      return stopped(state);
    default:
      return unreachable(next);
  }
}

/** Begins the next term. Without a Lease of another, no other leader is known. */
function starting({ term: before }: LeadershipState, leader: string | null): Leadership {
  const term = before + 1;
  return { state: { name: "Starting", term, leader }, effects: [{ type: "ReadRecordedState", term }] };
}

function stopping({ term, leader }: LeadershipState, next: AfterTerm, because: string, now: Instant): Leadership {
  return {
    state: { name: "Stopping", term, leader, next, abortTimer: instant(now + LAST_WRITES) },
    effects: [{ type: "EndTerm", term, because }],
  };
}

function stopped({ term, leader }: LeadershipState): Leadership {
  return { state: { name: "Stopped", term, leader }, effects: [{ type: "ReleaseLease" }] };
}

function unchanged(state: LeadershipState): Leadership {
  return { state, effects: [] };
}

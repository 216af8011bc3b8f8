import type { Lease } from "@herald-lb/k8s-glue/objects";
import { deepEqual, type Instant, instant, type Machine, type Step } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import type { LeaseConfig, LeaseEffect, LeaseEvent, LeaseState, Observation } from "./lease-state.ts";

type Leased = Step<LeaseState, LeaseEffect>;
type Candidate = Extract<LeaseState, { name: "Candidate" }>;
type Leader = Extract<LeaseState, { name: "Leader" }>;
type Releasing = Extract<LeaseState, { name: "Releasing" }>;

/** client-go's JitterFactor: a candidate waits `retryPeriod` and up to this many times more. */
const JITTER_FACTOR = 1.2;

/** An elector that has not started. */
export const stoppedElector: LeaseState = { name: "Stopped", sequence: 0, observed: null };

/**
 * Leader election on a Lease, as client-go's leaderelection. A candidate takes the lease when nobody holds it, or when it has not
 * changed for the holder's own duration on our monotonic clock; a leader renews it and steps down by itself when no renewal was
 * answered in time, before anybody else may take it.
 */
export function createLeaseMachine(config: LeaseConfig): Machine<LeaseState, LeaseEvent, LeaseEffect> {
  return {
    step: (state, event, now) => step(config, state, event, now),
    advance: (state, now) => advance(config, state, now),
    nextDeadline,
  };
}

function read<S extends Candidate | Leader>(state: S, now: Instant, effects: readonly LeaseEffect[] = []): Leased {
  const request = state.sequence + 1;
  return {
    state: { ...state, sequence: request, pending: { request, sentAt: now }, retryTimer: null },
    effects: [...effects, { type: "ReadLease", request }],
  };
}

function retry(
  config: LeaseConfig,
  state: Candidate | Leader,
  now: Instant,
  effects: readonly LeaseEffect[] = [],
): Leased {
  const sequence = state.sequence + 1;
  // A leader must not stretch its period: others count.
  const stretch = state.name === "Leader" ? 1 : 1 + config.jitter(sequence) * JITTER_FACTOR;
  return {
    state: { ...state, sequence, pending: null, retryTimer: instant(now + config.retryPeriod * stretch) },
    effects,
  };
}

function write(
  config: LeaseConfig,
  state: Candidate | Leader | Releasing,
  holder: "Self" | "Nobody",
  now: Instant,
): Leased {
  const request = state.sequence + 1;
  const base = state.observed?.lease ?? null;
  const ours = base?.spec?.holderIdentity === config.identity;
  const transitions = base?.spec?.leaseTransitions ?? 0;
  const effect: LeaseEffect = {
    type: "WriteLease",
    request,
    base,
    holderIdentity: holder === "Self" ? config.identity : "",
    // client-go gives back with a duration of one second: it may not be 0.
    leaseDurationSeconds: holder === "Self" ? Math.max(1, Math.round(config.leaseDuration / 1000)) : 1,
    leaseTransitions: base === null || ours ? transitions : transitions + 1,
    acquired: !ours || holder === "Nobody",
  };
  const pending = { request, sentAt: now };
  if (state.name === "Releasing") return { state: { ...state, sequence: request, pending }, effects: [effect] };
  return { state: { ...state, sequence: request, pending, retryTimer: null }, effects: [effect] };
}

function stepDown(
  config: LeaseConfig,
  state: Leader,
  because: "RenewDeadline" | "HeldByAnother",
  now: Instant,
): Leased {
  const cancelled: readonly LeaseEffect[] =
    state.pending === null ? [] : [{ type: "CancelRequest", request: state.pending.request }];
  const { sequence, observed } = state;
  const candidate: Candidate = { name: "Candidate", sequence, observed, pending: null, retryTimer: null };
  return retry(config, candidate, now, [...cancelled, { type: "LeadershipLost", because }]);
}

function onRead(config: LeaseConfig, state: Candidate | Leader, lease: Lease | null, now: Instant): Leased {
  const observed = observe(state.observed, lease, now);
  const holder = holderOf(lease);
  const effects: readonly LeaseEffect[] =
    holder === "" || holder === holderOf(state.observed?.lease ?? null)
      ? []
      : [{ type: "LeaderObserved", identity: holder }];
  const seen = { ...state, observed };
  const isHeld = holder !== "" && holder !== config.identity && now < expiryOf(observed);
  const next = isHeld
    ? seen.name === "Leader"
      ? stepDown(config, { ...seen, pending: null }, "HeldByAnother", now)
      : retry(config, seen, now)
    : write(config, seen, "Self", now);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function onWritten(
  config: LeaseConfig,
  state: Candidate | Leader,
  lease: Lease,
  sentAt: Instant,
  now: Instant,
): Leased {
  const observed: Observation = { lease, since: now };
  const renewDeadlineTimer = instant(sentAt + config.renewDeadline);
  // The answer to a renewal may be read long after it was sent, if this process stood still: it no longer says anything.
  if (now >= renewDeadlineTimer) {
    return state.name === "Leader"
      ? stepDown(config, { ...state, observed, pending: null }, "RenewDeadline", now)
      : retry(config, { ...state, observed }, now);
  }
  const { sequence } = state;
  const leader: Leader = { name: "Leader", sequence, observed, renewDeadlineTimer, pending: null, retryTimer: null };
  return retry(config, leader, now, state.name === "Leader" ? [] : [{ type: "LeadershipAcquired" }]);
}

function onFailed(config: LeaseConfig, state: Candidate | Leader, error: ApiError, now: Instant): Leased {
  // Somebody else wrote, or an answer of ours was lost: only the Lease itself can say.
  if (error.code === "Conflict" && state.name === "Leader") return read(state, now);
  if (error.code === "NotFound") return retry(config, { ...state, observed: null }, now);
  return retry(config, state, now);
}

function stop(config: LeaseConfig, state: LeaseState, now: Instant): Leased {
  const { sequence, observed } = state;
  switch (state.name) {
    case "Stopped":
    case "Releasing":
      return { state, effects: [] };
    case "Candidate": {
      const cancelled: readonly LeaseEffect[] =
        state.pending === null ? [] : [{ type: "CancelRequest", request: state.pending.request }];
      return { state: { name: "Stopped", sequence, observed: null }, effects: [...cancelled, { type: "Finished" }] };
    }
    case "Leader": {
      const cancelled: readonly LeaseEffect[] =
        state.pending === null ? [] : [{ type: "CancelRequest", request: state.pending.request }];
      const request = sequence + 1;
      const releasing: Releasing = {
        name: "Releasing",
        sequence: request,
        observed,
        pending: { request, sentAt: now },
        giveUpTimer: instant(now + config.retryPeriod),
      };
      // A renewal that was cancelled may have been applied all the same, so its version is asked for first.
      const given: Leased =
        state.pending === null
          ? write(config, releasing, "Nobody", now)
          : { state: releasing, effects: [{ type: "ReadLease", request }] };
      return {
        state: given.state,
        effects: [...cancelled, { type: "LeadershipLost", because: "Stopped" }, ...given.effects],
      };
    }
  }
}

function finish(state: LeaseState, effects: readonly LeaseEffect[] = []): Leased {
  return {
    state: { name: "Stopped", sequence: state.sequence, observed: null },
    effects: [...effects, { type: "Finished" }],
  };
}

function whileReleasing(
  config: LeaseConfig,
  state: Releasing,
  event: Exclude<LeaseEvent, { type: "Started" | "Stopped" }>,
  now: Instant,
): Leased {
  if (event.type === "LeaseRead" && holderOf(event.lease) === config.identity) {
    return write(config, { ...state, observed: observe(state.observed, event.lease, now) }, "Nobody", now);
  }
  if (event.type === "RequestFailed" && event.error.code === "Conflict") {
    const request = state.sequence + 1;
    return {
      state: { ...state, sequence: request, pending: { request, sentAt: now } },
      effects: [{ type: "ReadLease", request }],
    };
  }
  return finish(state);
}

function step(config: LeaseConfig, state: LeaseState, event: LeaseEvent, now: Instant): Leased {
  if (event.type === "Started") {
    if (state.name !== "Stopped") return { state, effects: [] };
    return read({ name: "Candidate", sequence: state.sequence, observed: null, pending: null, retryTimer: null }, now);
  }
  if (event.type === "Stopped") return stop(config, state, now);
  if (state.name === "Stopped" || state.pending?.request !== event.request) return { state, effects: [] };
  if (state.name === "Releasing") return whileReleasing(config, state, event, now);
  if (event.type === "LeaseWritten") return onWritten(config, state, event.lease, state.pending.sentAt, now);
  if (state.name === "Leader" && now >= state.renewDeadlineTimer)
    return stepDown(config, { ...state, pending: null }, "RenewDeadline", now);
  return event.type === "LeaseRead"
    ? onRead(config, state, event.lease, now)
    : onFailed(config, state, event.error, now);
}

function advance(config: LeaseConfig, state: LeaseState, now: Instant): Leased {
  const deadline = nextDeadline(state);
  if (deadline === null || now < deadline) return { state, effects: [] };
  switch (state.name) {
    case "Stopped":
      return { state, effects: [] };
    case "Releasing":
      return finish(state, [{ type: "CancelRequest", request: state.pending.request }]);
    case "Candidate":
      return read(state, now);
    case "Leader":
      return now >= state.renewDeadlineTimer
        ? stepDown(config, state, "RenewDeadline", now)
        : write(config, state, "Self", now);
  }
}

function nextDeadline(state: LeaseState): Instant | null {
  switch (state.name) {
    case "Stopped":
      return null;
    case "Releasing":
      return state.giveUpTimer;
    case "Candidate":
      return state.retryTimer;
    case "Leader":
      return state.retryTimer === null
        ? state.renewDeadlineTimer
        : instant(Math.min(state.retryTimer, state.renewDeadlineTimer));
  }
}

function holderOf(lease: Lease | null): string {
  return lease?.spec?.holderIdentity ?? "";
}

/** The instant from which another may take the lease, by the duration that its holder promised. */
function expiryOf(observed: Observation | null): Instant {
  if (observed === null) return instant(0);
  return instant(observed.since + (observed.lease.spec?.leaseDurationSeconds ?? 0) * 1000);
}

/** Any write, by anybody, starts the count anew. */
function observe(before: Observation | null, lease: Lease | null, now: Instant): Observation | null {
  if (lease === null) return null;
  const version = lease.metadata?.resourceVersion;
  const unchanged =
    before !== null && version === before.lease.metadata?.resourceVersion && deepEqual(lease.spec, before.lease.spec);
  return { lease, since: unchanged ? before.since : now };
}

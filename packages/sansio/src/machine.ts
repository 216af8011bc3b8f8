declare const instant_: unique symbol;

/** Milliseconds on the driver's monotonic clock. Never wall time. */
export type Instant = number & { readonly [instant_]: never };

/** Marks a number of milliseconds as a point on the driver's monotonic clock. */
export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

/** The answer of a machine: its next state, and the effects for the host, in order. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/**
 * A protocol core without input or output: a value and three functions. Time, randomness and octets are arguments.
 * A machine may mutate its state in place where copying costs too much; the state handed back is then the same object,
 * and the caller must not use the one it passed in.
 */
export interface Machine<State, Event, Effect> {
  /** Total: any event in any reachable state gives a step; a peer cannot make it throw. */
  readonly step: (state: State, event: Event, now: Instant) => Step<State, Effect>;
  /** Fires what is due at `now`. Calling it early does nothing. */
  readonly advance: (state: State, now: Instant) => Step<State, Effect>;
  /** When `advance` next has work; null while nothing is pending. */
  readonly nextDeadline: (state: State) => Instant | null;
}

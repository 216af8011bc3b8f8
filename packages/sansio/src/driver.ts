import type { Instant, Machine, Step } from "./machine.ts";

/** Monotonic time and one kind of wake-up: all that a driver needs of the world. */
export interface Clock {
  /** The present, in milliseconds on a clock that never goes back. */
  readonly now: () => Instant;
  /** Calls `wake` once, at or after `at`; the returned function cancels. A past `at` wakes as soon as possible, never within the call. */
  readonly wakeAt: (at: Instant, wake: () => void) => () => void;
}

/** A machine, its first state, and the host that performs its effects. */
export interface DriverOptions<State, Event, Effect> {
  readonly machine: Machine<State, Event, Effect>;
  readonly initial: State;
  /** Carries out one effect. It may dispatch: the event waits until the effects before it are done. */
  readonly perform: (effect: Effect) => void;
  readonly clock: Clock;
}

/** One machine, running against a clock. */
export interface Driver<State, Event> {
  /** Applies an event and performs its effects before it returns, unless a dispatch is already under way. */
  readonly dispatch: (event: Event) => void;
  /** The machine's state after the last completed step. */
  readonly state: State;
  /** Cancels the wake-up; later dispatches do nothing. */
  readonly stop: () => void;
}

/**
 * Runs a machine against a clock. The only scheduler there is: it applies one event, performs its effects in order,
 * then the events that were dispatched meanwhile, and re-arms a single wake-up from `nextDeadline`.
 */
export function createDriver<State, Event, Effect>(options: DriverOptions<State, Event, Effect>): Driver<State, Event> {
  const { machine, perform, clock } = options;
  let state = options.initial;
  let running = false;
  let stopped = false;
  let armedFor: Instant | null = null;
  let cancel: (() => void) | null = null;
  const queue: Event[] = [];

  const arm = (): void => {
    const next = stopped ? null : machine.nextDeadline(state);
    if (next === armedFor) return;
    cancel?.();
    cancel = null;
    armedFor = next;
    if (next !== null) cancel = clock.wakeAt(next, onWake);
  };

  const apply = (step: Step<State, Effect>): void => {
    state = step.state;
    for (const effect of step.effects) perform(effect);
  };

  const drainQueue = (): void => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      apply(machine.step(state, event, clock.now()));
    }
  };

  const onWake = (): void => {
    cancel = null;
    armedFor = null;
    if (stopped) return;
    running = true;
    try {
      apply(machine.advance(state, clock.now()));
      drainQueue();
    } finally {
      running = false;
      arm();
    }
  };

  arm();
  return {
    dispatch(event: Event): void {
      if (stopped) return;
      if (running) {
        queue.push(event);
        return;
      }
      // An idle driver takes the event at once: a reply on the wire waits for no queue.
      running = true;
      try {
        apply(machine.step(state, event, clock.now()));
        if (queue.length > 0) drainQueue();
      } finally {
        running = false;
        arm();
      }
    },
    get state(): State {
      return state;
    },
    stop(): void {
      stopped = true;
      queue.length = 0;
      arm();
    },
  };
}

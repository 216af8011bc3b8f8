import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type Instant, instant, type Machine, type Step } from "../machine.ts";

/** The states and events of a machine that the law suite walks through. */
export interface LawOptions<State, Event> {
  /** Every named state, made afresh on each call; walks from the initial state alone hardly ever reach the others. */
  readonly starts: Readonly<Record<string, () => State>>;
  /** Any event, also those that make no sense in a state. */
  readonly events: fc.Arbitrary<Event>;
  /** When the starting states were made, in milliseconds; 0 when left out. */
  readonly now?: number;
  /** Set for a machine that mutates its state in place: the law "a step leaves its input alone" is then not asked. */
  readonly inPlace?: boolean;
  /** Walks from each start; 100 when left out. */
  readonly runs?: number;
}

type Move<Event> = { readonly event: Event } | { readonly wait: number } | { readonly untilDeadline: true };

/** The number of times that one instant may ask for `advance` before it counts as an endless loop. */
const ADVANCES_AT_ONE_INSTANT = 64;

/**
 * The laws of every machine, from every named state: nothing throws; a step leaves its input alone; the same input gives the
 * same output; `advance` before the deadline does nothing; a deadline is finite and, once served, moves on.
 */
export function assertMachineLaws<State, Event, Effect>(
  machine: Machine<State, Event, Effect>,
  options: LawOptions<State, Event>,
): void {
  const move: fc.Arbitrary<Move<Event>> = fc.oneof(
    { weight: 3, arbitrary: options.events.map((event) => ({ event })) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 300_000 }).map((wait) => ({ wait })) },
    { weight: 2, arbitrary: fc.constant({ untilDeadline: true as const }) },
  );
  for (const [name, start] of Object.entries(options.starts)) {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        walk(name, machine, start, moves, options);
      }),
      { numRuns: options.runs ?? 100, includeErrorInReport: true },
    );
  }
}

function walk<State, Event, Effect>(
  name: string,
  machine: Machine<State, Event, Effect>,
  start: () => State,
  moves: readonly Move<Event>[],
  options: LawOptions<State, Event>,
): void {
  let now = instant(options.now ?? 0);
  let state = start();
  // A second walk in step with the first: the same input must give the same output, also where the machine mutates its state.
  let twin = start();
  for (const move of moves) {
    expectEarlyAdvanceIsIdle(name, machine, state, now);
    if ("event" in move) {
      const before = options.inPlace === true ? null : structuredClone(state);
      const step = machine.step(state, move.event, now);
      if (before !== null) law(isDeepStrictEqual(state, before), `${name}: a step changed its input`, move);
      const other = machine.step(twin, move.event, now);
      expectSame(name, step, other, move);
      state = step.state;
      twin = other.state;
      continue;
    }
    const deadline = machine.nextDeadline(state);
    if ("wait" in move) now = instant(now + move.wait);
    else if (deadline !== null) now = instant(Math.max(now, deadline));
    for (let turn = 0; ; turn++) {
      const step = machine.advance(state, now);
      const other = machine.advance(twin, now);
      expectSame(name, step, other, move);
      state = step.state;
      twin = other.state;
      const next = machine.nextDeadline(state);
      if (next === null || next > now) break;
      law(turn < ADVANCES_AT_ONE_INSTANT, `${name}: a deadline that was served did not move on`, { now, next });
    }
  }
}

function expectEarlyAdvanceIsIdle<State, Event, Effect>(
  name: string,
  machine: Machine<State, Event, Effect>,
  state: State,
  now: Instant,
): void {
  const deadline = machine.nextDeadline(state);
  law(deadline === null || Number.isFinite(deadline), `${name}: a deadline is a finite number or null`, { deadline });
  if (deadline !== null && deadline <= now) return;
  const before = structuredClone(state);
  const step = machine.advance(state, now);
  law(step.effects.length === 0, `${name}: advance before the deadline had effects`, step.effects);
  law(isDeepStrictEqual(step.state, before), `${name}: advance before the deadline changed the state`, {
    deadline,
    now,
  });
}

function expectSame<State, Effect>(name: string, a: Step<State, Effect>, b: Step<State, Effect>, move: unknown): void {
  law(isDeepStrictEqual(a.effects, b.effects), `${name}: the same input had other effects`, move);
  law(isDeepStrictEqual(a.state, b.state), `${name}: the same input led to another state`, move);
}

function law(holds: boolean, message: string, facts: unknown): asserts holds {
  if (!holds) throw new Error(`${message}: ${fc.stringify(facts)}`);
}

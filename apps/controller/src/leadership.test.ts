import { instant } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeLeadership, leadershipMachine as machine } from "./leadership.ts";
import { initialLeadership, type LeadershipEvent, type LeadershipState } from "./leadership-state.ts";

const of = { term: 3, leader: "other" };
const NOW = instant(1_000);
const stopping = { ...of, name: "Stopping", abortTimer: instant(1_400) } as const;

const STATES = {
  Standby: { ...of, name: "Standby" },
  Starting: { ...of, name: "Starting" },
  Leading: { ...of, name: "Leading", configuration: "Known" },
  "Leading blindly": { ...of, name: "Leading", configuration: "Unknown" },
  "Stopping, then standby": { ...stopping, next: "Standby" },
  "Stopping, then another term": { ...stopping, next: "Starting" },
  "Stopping, then the end": { ...stopping, next: "Stopped" },
  Stopped: { ...of, name: "Stopped" },
} as const satisfies Readonly<Record<string, LeadershipState>>;

const EVENTS = {
  LeaseAcquired: { type: "LeaseAcquired" },
  LeaseLost: { type: "LeaseLost", because: "RenewDeadline" },
  Read: { type: "RecordedStateRead", term: 3, configuration: "Known" },
  "Read blindly": { type: "RecordedStateRead", term: 3, configuration: "Unknown" },
  "Read too late": { type: "RecordedStateRead", term: 2, configuration: "Known" },
  Fenced: { type: "RecordedStateFenced", term: 3 },
  "Fenced too late": { type: "RecordedStateFenced", term: 2 },
  "Configuration known": { type: "ConfigurationChanged", configuration: "Known" },
  "Configuration unknown": { type: "ConfigurationChanged", configuration: "Unknown" },
  TermEnded: { type: "TermEnded", term: 3 },
  "TermEnded too late": { type: "TermEnded", term: 2 },
  Shutdown: { type: "Shutdown" },
} as const satisfies Readonly<Record<string, LeadershipEvent>>;

/** The next state and its effects for every pair of state and event; a pair that is not listed changes nothing and has no effect. */
const TABLE: Readonly<Record<keyof typeof STATES, Partial<Record<keyof typeof EVENTS, string>>>> = {
  Standby: {
    LeaseAcquired: "Starting 4: ReadRecordedState 4",
    Shutdown: "Stopped 3: ReleaseLease",
  },
  Starting: {
    LeaseAcquired: "Starting 4: ReadRecordedState 4",
    LeaseLost: "Standby 3",
    Read: "Leading Known 3: BeginTerm 3",
    "Read blindly": "Leading Unknown 3: BeginTerm 3",
    Fenced: "Standby 3",
    Shutdown: "Stopped 3: ReleaseLease",
  },
  Leading: {
    LeaseAcquired: "Stopping to Starting 3: EndTerm 3 a new term",
    LeaseLost: "Stopping to Standby 3: EndTerm 3 RenewDeadline",
    "Configuration known": "Leading Known 3: Reconfigure",
    "Configuration unknown": "Leading Known 3: Reconfigure",
    Shutdown: "Stopping to Stopped 3: EndTerm 3 Stopped",
  },
  "Leading blindly": {
    LeaseAcquired: "Stopping to Starting 3: EndTerm 3 a new term",
    LeaseLost: "Stopping to Standby 3: EndTerm 3 RenewDeadline",
    "Configuration known": "Stopping to Starting 3: EndTerm 3 a new term",
    "Configuration unknown": "Leading Unknown 3: Reconfigure",
    Shutdown: "Stopping to Stopped 3: EndTerm 3 Stopped",
  },
  "Stopping, then standby": {
    LeaseAcquired: "Stopping to Starting 3",
    TermEnded: "Standby 3",
    Shutdown: "Stopping to Stopped 3",
  },
  "Stopping, then another term": {
    LeaseLost: "Stopping to Standby 3",
    TermEnded: "Starting 4: ReadRecordedState 4",
    Shutdown: "Stopping to Stopped 3",
  },
  "Stopping, then the end": {
    TermEnded: "Stopped 3: ReleaseLease",
  },
  Stopped: {},
};

function textOf(state: LeadershipState): string {
  const detail =
    state.name === "Leading" ? ` ${state.configuration}` : state.name === "Stopping" ? ` to ${state.next}` : "";
  return `${state.name}${detail} ${state.term}`;
}

function stepText(state: LeadershipState, event: LeadershipEvent): string {
  const step = machine.step(state, event, NOW);
  const effects = step.effects.map((effect) => Object.values(effect).join(" "));
  return [textOf(step.state), ...effects].join(": ");
}

describe("the leadership machine", () => {
  for (const [from, state] of Object.entries(STATES)) {
    for (const [name, event] of Object.entries(EVENTS)) {
      const row = TABLE[from as keyof typeof STATES];
      const wanted = row[name as keyof typeof EVENTS] ?? textOf(state);
      it(`${from}, ${name} -> ${wanted}`, () => expect(stepText(state, event)).toBe(wanted));
    }
  }

  it("keeps the laws of a machine from every state", () => {
    const term = fc.integer({ min: 0, max: 6 });
    const configuration = fc.constantFrom("Known" as const, "Unknown" as const);
    const events: fc.Arbitrary<LeadershipEvent> = fc.oneof(
      fc.constantFrom(...Object.values(EVENTS)),
      term.chain((number) => configuration.map((known) => ({ ...EVENTS.Read, term: number, configuration: known }))),
      term.map((number) => ({ ...EVENTS.TermEnded, term: number })),
      fc.constantFrom("a", "b").map((identity): LeadershipEvent => ({ type: "LeaderObserved", identity })),
    );
    const starts = Object.entries(STATES).map(([name, state]) => [name, (): LeadershipState => ({ ...state })]);
    assertMachineLaws(machine, {
      starts: Object.fromEntries(starts) as Record<string, () => LeadershipState>,
      events,
      now: NOW,
    });
  });

  it("begins no term before the last write of the one before has ended, whatever happens", () => {
    const events = fc.array(fc.constantFrom(...Object.values(EVENTS).map(({ type }) => type)), { maxLength: 40 });
    fc.assert(
      fc.property(events, (types) => {
        let state = initialLeadership;
        let running: number | null = null;
        for (const type of types) {
          const { term } = state;
          if (type === "TermEnded" && state.name !== "Stopping") continue;
          const event = { type, term, because: "", configuration: "Known" } as unknown as LeadershipEvent;
          if (type === "TermEnded") running = null;
          const step = machine.step(state, event, NOW);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type === "ReadRecordedState" || effect.type === "ReleaseLease") expect(running).toBeNull();
            if (effect.type === "BeginTerm") {
              expect(running).toBeNull();
              running = effect.term;
            }
          }
        }
      }),
    );
  });

  it("cuts off writes that last longer than 500 ms, once", () => {
    const ending = machine.step(STATES.Leading, EVENTS.LeaseLost, NOW).state;
    expect(machine.nextDeadline(ending)).toBe(1_500);
    expect(machine.advance(ending, instant(1_499)).effects).toEqual([]);
    const cut = machine.advance(ending, instant(1_500));
    expect(cut.effects).toEqual([{ type: "AbortWrites" }]);
    expect(machine.nextDeadline(cut.state)).toBeNull();
    expect(textOf(machine.step(cut.state, EVENTS.TermEnded, instant(1_501)).state)).toBe("Standby 3");
  });

  it("forgets the leader before it when it takes the lease, and keeps the one that it observes", () => {
    const leaderAfter = (state: LeadershipState, event: LeadershipEvent): string | null =>
      machine.step(state, event, NOW).state.leader;
    for (const state of [STATES.Standby, STATES.Starting, STATES.Leading, STATES["Stopping, then standby"]])
      expect(leaderAfter(state, EVENTS.LeaseAcquired)).toBeNull();
    for (const state of Object.values(STATES)) {
      expect(leaderAfter(state, { type: "LeaderObserved", identity: "third" })).toBe("third");
      if (state.name !== "Stopped") expect(leaderAfter(state, EVENTS.LeaseLost)).toBe("other");
    }
  });
});

describe("describeLeadership", () => {
  it.each([
    { state: STATES.Leading, text: "leading" },
    { state: STATES.Standby, text: "standing by for other" },
    { state: { ...STATES.Standby, leader: null }, text: "standing by, no leader known" },
    { state: { ...STATES.Starting, leader: null }, text: "standing by, no leader known" },
    { state: STATES["Stopping, then standby"], text: "standing by for other" },
  ])("$state.name, leader $state.leader: $text", ({ state, text }) => {
    expect(describeLeadership(state)).toBe(text);
  });
});

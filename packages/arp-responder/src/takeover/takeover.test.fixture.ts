import { type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { createTakeover } from "./takeover.ts";
import { defaultTakeoverTimes, type TakeoverConfig } from "./takeover-config.ts";
import type { NodeReport } from "./node-report.ts";
import type { TakeoverEffect } from "./takeover-effect.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import type { TakeoverCause } from "./takeover-reason.ts";
import { createTakeoverState, type TakeoverState } from "./takeover-state.ts";

/** sha-256 ranks node-b, node-a, node-c for this address, as MetalLB does. */
export const ADDRESS: IpAddress = "10.0.0.1" as IpAddress;
/** The key of the request of `request()`. */
export const KEY = "default/web";
/** All candidates of `request()`. */
export const NODES: readonly string[] = ["node-a", "node-b", "node-c"];

/** A request for `ADDRESS` with all nodes as candidates on all interfaces. */
export function request(changes: Partial<AnnouncementRequest> = {}): AnnouncementRequest {
  return {
    key: KEY,
    addresses: [ADDRESS],
    electionAddress: ADDRESS,
    sticky: false,
    spread: false,
    candidates: NODES.map((node) => ({ node, score: 0, interfaces: "all" })),
    ...changes,
  };
}

type Announcing = Extract<TakeoverEffect, { type: "Announcing" }>;

/** An effect other than a report, without the cause of an announcement. */
export type Answer = Exclude<TakeoverEffect, Announcing | { type: "PublishReport" }> | Omit<Announcing, "cause">;

/** One machine, its state and the time, to be driven by hand. */
export class Bench {
  state: TakeoverState = createTakeoverState();
  now: Instant = instant(0);
  readonly config: TakeoverConfig;
  /** The reports that the machine published. */
  readonly reports: NodeReport[] = [];
  /** The causes of the announcements. */
  readonly causes: TakeoverCause[] = [];
  /** The keys that the responder is to announce. */
  readonly announced: Set<string> = new Set();
  readonly #machine: ReturnType<typeof createTakeover>;

  constructor(node: string, config: Partial<TakeoverConfig> = {}) {
    this.config = { node, hasMembership: true, isolated: "serve", times: defaultTakeoverTimes, ...config };
    this.#machine = createTakeover(this.config);
  }

  /** Gives the machine one event and returns the effects. */
  step(event: TakeoverEvent): readonly Answer[] {
    const { state, effects } = this.#machine.step(this.state, event, this.now);
    this.state = state;
    return this.#setApart(effects);
  }

  /** Lets time pass and returns the effects of every deadline on the way. */
  wait(milliseconds: number): readonly Answer[] {
    const end = instant(this.now + milliseconds);
    const effects: Answer[] = [];
    for (
      let at = this.#machine.nextDeadline(this.state);
      at !== null && at <= end;
      at = this.#machine.nextDeadline(this.state)
    ) {
      this.now = at;
      const step = this.#machine.advance(this.state, at);
      this.state = step.state;
      effects.push(...this.#setApart(step.effects));
    }
    this.now = end;
    return effects;
  }

  /** The effects without the reports and the causes, which are kept apart: most tests are about answers. */
  #setApart(effects: readonly TakeoverEffect[]): readonly Answer[] {
    return effects.flatMap((effect): readonly Answer[] => {
      if (effect.type === "PublishReport") {
        this.reports.push(effect.report);
        return [];
      }
      if (effect.type === "Announce") this.announced.add(effect.key);
      if (effect.type === "Withdraw" || effect.type === "Yield") this.announced.delete(effect.key);
      if (effect.type !== "Announcing") return [effect];
      const { cause, ...answer } = effect;
      this.causes.push(cause);
      return [answer];
    });
  }

  /** The members as the machine is told them. */
  members(live: readonly string[], joined: readonly string[] = [], died: readonly string[] = []): readonly Answer[] {
    return this.step({ type: "MembersChanged", live, joined, died });
  }

  /** The phase of the machine by its name. */
  get phase(): string {
    return this.state.phase.name;
  }
}

/** A machine in each named phase, which announces `request()` where it decides. */
export const PHASES: Readonly<Record<TakeoverState["phase"]["name"], () => Bench>> = {
  WaitingForMembers: () => new Bench("node-b"),
  Deciding: () => {
    const bench = new Bench("node-b");
    bench.step({ type: "AnnouncementRequested", request: request() });
    bench.step({ type: "PeersExpected", count: 2 });
    bench.members(NODES);
    return bench;
  },
  Resuming: () => {
    const bench = PHASES.Deciding();
    bench.step({ type: "PauseNoticed" });
    return bench;
  },
  Isolated: () => {
    const bench = new Bench("node-b", { isolated: "yield" });
    bench.step({ type: "AnnouncementRequested", request: request() });
    bench.step({ type: "PeersExpected", count: 2 });
    bench.members(NODES);
    bench.step({ type: "WatchersLost" });
    bench.step({ type: "ApiServerProbed", reached: false });
    return bench;
  },
  Leaving: () => {
    const bench = PHASES.Deciding();
    bench.step({ type: "StopRequested" });
    return bench;
  },
  HandingOver: () => {
    const bench = PHASES.Leaving();
    bench.step({ type: "LeaveCompleted" });
    return bench;
  },
  Stopped: () => {
    const bench = PHASES.HandingOver();
    bench.wait(10_000);
    return bench;
  },
};

import type { Logger } from "@herald-lb/daemon";
import type { ApiServerProbe } from "./api-server-probe.ts";
import type { BgpBfd } from "./bgp-bfd.ts";
import type { Layer2 } from "./layer2.ts";
import type { MembershipPort } from "./membership-port.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { Routing } from "./routing.ts";
import type { FromWorker } from "./worker/protocol.ts";

/** The consumers of what the worker reports. */
export interface WorkerReportsOptions {
  readonly layer2: Pick<Layer2, "receive" | "learnDeath" | "forgetDeath" | "receiveConflict" | "receiveClients">;
  readonly apiServerProbe: Pick<ApiServerProbe, "want">;
  /** Null where the speakers form no memberlist cluster. */
  readonly membershipPort: Pick<MembershipPort, "perform"> | null;
  readonly routing: Pick<Routing, "changeRouter"> & { readonly bfd: Pick<BgpBfd, "receive"> };
  readonly metrics: Pick<
    SpeakerMetrics,
    "members" | "deathsDeclared" | "detection" | "takeover" | "bfdSessions" | "pauses" | "count"
  >;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

/** Reports of the worker, and the way of each to the layer-2 part, the metrics and the log. */
export class WorkerReports {
  readonly #options: WorkerReportsOptions;
  readonly #stopped = Promise.withResolvers<void>();
  #problem: string | null = "the worker is starting";

  constructor(options: WorkerReportsOptions) {
    this.#options = options;
  }

  /** The reason why the worker is not ready, for people; null when it is. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Resolves when the worker has handed over and stopped. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Takes a message of the worker. */
  receive(message: FromWorker): void {
    const { layer2, apiServerProbe, membershipPort, routing, metrics, log } = this.#options;
    switch (message.type) {
      case "ProblemChanged":
        this.#problem = message.problem;
        if (message.problem !== null)
          log.error({ problem: message.problem }, "the worker thread lacks something and tries again");
        return;
      case "Announcing":
      case "NotAnnouncing":
        layer2.receive(message);
        return;
      case "MembersChanged":
        metrics.members.set(message.alive.length);
        for (const { node, by } of message.died) layer2.learnDeath(node, by === null ? [] : [by]);
        for (const node of message.joined) layer2.forgetDeath(node);
        log.info({ alive: message.alive, joined: message.joined, left: message.left }, "members changed");
        return;
      case "DeathDeclared":
        metrics.deathsDeclared.inc();
        if (message.silentFor !== null) metrics.detection.observe(message.silentFor / 1_000);
        layer2.learnDeath(message.node, message.by);
        log.warn(
          { speaker: message.node, lostBy: message.by },
          "a speaker is dead: its watchers have lost it; the other speakers take over its addresses",
        );
        return;
      case "TakeoversMeasured":
        for (const milliseconds of message.milliseconds) metrics.takeover.observe(milliseconds / 1_000);
        return;
      case "ProbeApiServer":
        apiServerProbe.want(message.wanted);
        return;
      case "BfdSessionsChanged":
        metrics.bfdSessions.set({ state: "up" }, message.up);
        metrics.bfdSessions.set({ state: "down" }, message.wanted - message.up);
        return;
      case "BgpBfdReported":
        routing.bfd.receive(message.sessions);
        return;
      case "PauseNoticed":
        metrics.pauses.inc();
        log.warn(
          { milliseconds: Math.round(message.duration) },
          "this speaker stood still; it answers for nothing until the other speakers have said who answers now",
        );
        return;
      case "SilenceChanged":
        log.info(
          message.silent ? "answering for nothing for now: other speakers may have taken over" : "answering again",
        );
        return;
      case "Stream":
        membershipPort?.perform(message.effect);
        return;
      case "Conflict":
      case "RivalFound":
      case "RivalGone":
      case "ContestedChanged":
        layer2.receiveConflict(message);
        return;
      case "ClientsCounted":
        layer2.receiveClients(message);
        return;
      case "RouterChanged":
        routing.changeRouter(message);
        return;
      case "Counted":
        metrics.count(message.counts);
        return;
      case "Stopped":
        this.#stopped.resolve();
    }
  }
}

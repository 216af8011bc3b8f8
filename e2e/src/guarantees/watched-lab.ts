import {
  type Daemon,
  type Lab,
  type LabNode,
  measureOutage,
  type Outage,
  type OutageProbe,
  type Scope,
  startLab,
  until,
} from "@herald-lb/lab";
import { expect } from "vitest";
import { captureClaims, type Claim } from "../failover/claims.ts";
import { LabUnderFailure } from "../failover/lab-under-failure.ts";
import { segmentService } from "../failover/segment-service.ts";
import { untilAddresses, untilAnswer } from "../lab-service.ts";
import { longestDoubleAnswer } from "./double-answers.ts";

/** A client that waits longer than this has lost its connection, in milliseconds. */
export const GAP_BOUND = 5_000;
const DOUBLE_BOUND = 1_000;

/** A client's view of an address while something happened. */
export interface Seen {
  readonly outage: Outage;
  /** The longest time for which two nodes claimed the address by turns, in milliseconds. */
  readonly double: number;
  readonly claims: readonly Claim[];
}

/** A client that asks all the time. */
export interface Asking {
  /** Waits until it has sent this many requests more, of which it sends twenty a second. */
  readonly untilAsked: (requests: number) => Promise<void>;
}

/** A lab with one address on the segment, and a client that sees what becomes of it. */
export class WatchedLab {
  readonly lab: Lab;
  readonly failing: LabUnderFailure;
  readonly address: string;
  /** A line for each thing that happened. */
  readonly figures: string[] = [];
  readonly #scope: Scope;

  private constructor(scope: Scope, lab: Lab, address: string, speakerArgs: readonly string[]) {
    this.#scope = scope;
    this.lab = lab;
    this.address = address;
    this.failing = new LabUnderFailure(scope, lab, [address], speakerArgs);
  }

  /** Starts a lab of three nodes, with default flags of the speakers where none are given; resolves when one of them announces the address and all know each other. */
  static async start(scope: Scope, assets: string, speakerArgs: readonly string[] = []): Promise<WatchedLab> {
    const lab = await startLab(scope, { assets, speakerArgs });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(segmentService());
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const [address = ""] = await untilAddresses(lab, "web", 1);
    const watched = new WatchedLab(scope, lab, address, speakerArgs);
    await watched.failing.untilWhole(await watched.announcer());
    return watched;
  }

  /** The figures, a line each. */
  report(): string {
    return this.figures.map((line) => `${line}\n`).join("");
  }

  /** The speaker that runs on a node now. */
  speakerOf({ name }: LabNode): Daemon {
    const speaker = this.lab.speakers.get(name);
    if (speaker === undefined) throw new Error(`no speaker on ${name}`);
    return speaker;
  }

  /** The node that the client's kernel takes for the announcer. */
  async announcer(): Promise<LabNode> {
    await untilAnswer(this.lab.topology.client, this.address);
    return until("one node to announce", () => this.failing.announcer());
  }

  /** Waits until the client's kernel takes another node for the announcer. */
  async untilOtherAnnounces(than: LabNode): Promise<void> {
    await until(`another than ${than.name} to announce`, async () => {
      const now = await this.failing.announcer();
      return now !== null && now !== than;
    });
  }

  /** Has a client ask all the time, forgetting the announcer before each request, while `during` goes on; the figures get a line. */
  async observe(row: string, during: (client: Asking) => Promise<void>): Promise<Seen> {
    const { client } = this.lab.topology;
    const capture = await captureClaims(this.#scope, client);
    const probe = measureOutage(this.#scope, client.namespace, `http://${this.address}/`, { forget: this.address });
    const asking: Asking = { untilAsked: (requests) => untilAsked(probe, requests) };
    await asking.untilAsked(10);
    await during(asking);
    const outage = await probe.stop();
    const claims = await capture.claims();
    const double = longestDoubleAnswer(claims, this.address);
    this.figures.push(
      `${row}: longest gap ${outage.lostMs.toFixed(0)} ms (${outage.failed} of ${outage.attempts} requests), double answer ${double} ms`,
    );
    return { outage, double, claims };
  }

  /** Lets something happen to the announcer while a client asks all the time; waits until all is as before. */
  async happen(
    row: string,
    fault: (node: LabNode) => Promise<void>,
    heal: (node: LabNode) => Promise<void>,
    holdMs = 2_000,
  ): Promise<Seen> {
    const node = await this.announcer();
    const seen = await this.observe(row, async () => {
      await fault(node);
      await pause(holdMs);
      await heal(node);
      await this.failing.untilWhole(node);
      await pause(1_500);
    });
    expect(seen.outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(seen.double).toBeLessThan(DOUBLE_BOUND);
    return seen;
  }
}

/** Holds a fault, in milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => void setTimeout(done, milliseconds));
}

async function untilAsked(probe: OutageProbe, requests: number): Promise<void> {
  const before = probe.soFar().attempts;
  await until(`the client to ask ${requests} times`, () => probe.soFar().attempts >= before + requests);
}

/**
 * The table of docs/guarantees.md, a row a test: the longest time without an answer and the longest double answer that a client sees. The
 * figures are printed; what is asserted is who answers, and bounds that hold on any machine.
 */
import { type Lab, type LabNode, measureOutage, type Outage, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { captureClaims, type Claim } from "./failover/claims.ts";
import { LabUnderFailure } from "./failover/lab-under-failure.ts";
import { longestDoubleAnswer } from "./guarantees/double-answers.ts";
import { portOf, SegmentFaults } from "./guarantees/segment-fault.ts";
import { segmentService } from "./failover/segment-service.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";

/** The number of pauses of an announcer; the figures of docs/guarantees.md are of ten. */
const RUNS: number = Number(process.env["HERALD_RUNS"] ?? "1");
/** The length of a pause, and of a split, in milliseconds. */
const PAUSE = Number(process.env["HERALD_PAUSE"] ?? "5000");
/** A client that waits longer than this has lost its connection, in milliseconds. */
const GAP_BOUND = 5_000;
const DOUBLE_BOUND = 1_000;
/** The time in which a new announcer repeats its announcement, in milliseconds. */
const ANNOUNCING = 5_000;
const assets = labAssets();

describe.skipIf(assets === null)("a client of an address on layer 2", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let lab: Lab;
  let failing: LabUnderFailure;
  let faults: SegmentFaults;
  let address: string;

  const speakerOf = ({ name }: LabNode): number => lab.speakers.get(name)?.pid ?? 0;
  const announcer = async (): Promise<LabNode> => {
    await untilAnswer(lab.topology.client, address);
    return until("one node to announce", () => failing.announcer());
  };
  const pause = (milliseconds: number): Promise<void> => new Promise((done) => void setTimeout(done, milliseconds));

  /** Lets something happen to the announcer while a client asks all the time; waits until all is as before. */
  const happen = async (
    row: string,
    fault: (node: LabNode) => Promise<void>,
    heal: (node: LabNode) => Promise<void>,
    holdMs = 2_000,
  ): Promise<{ readonly outage: Outage; readonly double: number; readonly claims: readonly Claim[] }> => {
    const node = await announcer();
    const { client } = lab.topology;
    const capture = await captureClaims(scope, client);
    const probe = measureOutage(scope, client.namespace, `http://${address}/`, { forget: address });
    await until("the client to be answered", () => probe.soFar().attempts > 10);
    await fault(node);
    await pause(holdMs);
    await heal(node);
    await failing.untilWhole(node);
    await pause(1_500);
    const outage = await probe.stop();
    const claims = await capture.claims();
    const double = longestDoubleAnswer(claims, address);
    figures.push(
      `${row}: longest gap ${outage.lostMs.toFixed(0)} ms (${outage.failed} of ${outage.attempts} requests), double answer ${double} ms`,
    );
    expect(outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(double).toBeLessThan(DOUBLE_BOUND);
    return { outage, double, claims };
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(segmentService());
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    [address = ""] = await untilAddresses(lab, "web", 1);
    failing = new LabUnderFailure(scope, lab, [address]);
    faults = new SegmentFaults(lab.topology);
    await failing.untilWhole(await announcer());
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(`${figures.join("\n")}\n`);
  });

  it("keeps its answers through a crash of the announcing speaker", async () => {
    await happen(
      "crash (SIGKILL)",
      (node) => lab.speakers.get(node.name)?.stop("SIGKILL") ?? Promise.resolve(),
      async (node) => failing.restart(node),
    );
  });

  it("keeps its answers through a loss of power: the links go, and the speaker is dead", async () => {
    await happen(
      "power (links down, SIGKILL)",
      async (node) => {
        await faults.setCable(node, "down");
        await lab.speakers.get(node.name)?.stop("SIGKILL");
      },
      async (node) => {
        await faults.setCable(node, "up");
        failing.restart(node);
      },
    );
  });

  it("keeps its answers while the announcer stands still, and no old answer comes when it goes on", async () => {
    for (let run = 0; run < RUNS; run++) {
      let resumedAt = 0;
      let mac = "";
      const { claims } = await happen(
        `pause (SIGSTOP for ${PAUSE / 1_000} s)`,
        async (node) => {
          mac = node.mac;
          process.kill(speakerOf(node), "SIGSTOP");
        },
        async (node) => {
          resumedAt = Date.now();
          process.kill(speakerOf(node), "SIGCONT");
        },
        PAUSE,
      );
      const paused = claims.filter(
        (claim) => claim.mac === mac && claim.at < resumedAt && claim.at > resumedAt - PAUSE + 500,
      );
      expect(paused).toEqual([]);
    }
  });

  it("keeps its answers when the announcer's link goes, while its speaker lives", async () => {
    await happen(
      "link down",
      (node) => faults.setCable(node, "down"),
      (node) => faults.setCable(node, "up"),
    );
  });

  it("keeps its answers when nothing that the announcer sends arrives", async () => {
    await happen(
      "one way: from the announcer",
      (node) => faults.mute(node),
      () => faults.undrop(),
    );
  });

  it("keeps its answers when nothing arrives at the announcer", async () => {
    // A node that has just become the announcer repeats its announcements, though it hears nothing.
    await pause(ANNOUNCING);
    await happen(
      "one way: to the announcer",
      (node) => faults.deafen(node),
      () => faults.undrop(),
    );
  });

  it("notices nothing when the announcer cannot reach the API server", async () => {
    const { outage } = await happen(
      "API server cut from the announcer",
      (node) => faults.setApi(node, "cut"),
      (node) => faults.setApi(node, "open"),
      5_000,
    );
    expect(outage.failed).toBe(0);
  });

  it("is answered on both sides of a split, and by one node after it", async () => {
    const node = await announcer();
    const { client, router } = lab.topology;
    const others = lab.topology.nodes.filter((each) => each !== node);
    await faults.split([portOf(node), "p-router"]);
    await until("a node on the client's side to announce", async () => {
      const now = await failing.announcer();
      return others.some((each) => each === now);
    });
    await untilAnswer(client, address);
    await untilAnswer(router, address);
    await pause(PAUSE);
    const capture = await captureClaims(scope, client);
    await faults.join();
    const healedAt = Date.now();
    await failing.untilWhole(node);
    await pause(2_000);
    const claims = await capture.claims();
    const late = claims.filter((claim) => claim.mac !== node.mac && claim.address === address).at(-1)?.at ?? healedAt;
    figures.push(
      `split of ${PAUSE / 1_000} s: the second announcer's last claim ${Math.max(0, Math.round(late - healedAt))} ms after healing`,
    );
    await client.namespace.ip("neigh", "flush", "to", address);
    await untilAnswer(client, address);
    expect((await failing.announcer())?.name).toBe(node.name);
  });
});

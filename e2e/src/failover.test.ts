import { HERALD_NAMESPACE, type Lab, type LabNode, neighbourOf, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { type FailoverTimes, LabUnderFailure, type Loss } from "./failover/lab-under-failure.ts";
import { segmentService } from "./failover/segment-service.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";

/** The number of repetitions of each loss; the figures of the README are of ten. */
const RUNS: number = Number(process.env["HERALD_RUNS"] ?? "3");
/** A takeover that takes longer is a failure, in milliseconds. */
const DEADLINE = 3_000;
/** Frames that the leaving speaker may have had under way when its successor's first claim reached the segment. */
const UNDER_WAY = 2;
const assets = labAssets();

describe.skipIf(assets === null)("when the announcing node is lost, the client's kernel", () => {
  let scope: Scope;
  let lab: Lab;
  let failing: LabUnderFailure;
  let addresses: readonly string[];
  const figures: string[] = [];

  /** Has the client ask for every address, so that its kernel knows who announces it. */
  const ask = async (): Promise<LabNode> => {
    for (const address of addresses) await untilAnswer(lab.topology.client, address);
    return until("one node to announce every address", () => failing.announcer());
  };

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(segmentService("ipFamilyPolicy: RequireDualStack, "));
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    addresses = await untilAddresses(lab, "web", 2);
    failing = new LabUnderFailure(scope, lab, addresses);
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(`${figures.join("\n")}\n`);
  });

  it("has its hardware address within one request", async () => {
    const { client, nodes } = lab.topology;
    for (const address of addresses) {
      await untilAnswer(client, address);
      await client.namespace.ip("neigh", "flush", "to", address);
      await untilAnswer(client, address);
      expect(nodes.map(({ mac }) => mac)).toContain(await neighbourOf(client.namespace, address));
    }
    expect(await failing.announcer()).not.toBeNull();
  });

  it.each<Loss>(["speaker killed", "links lost"])("learns of the next without asking: %s", async (loss) => {
    const announcer = await ask();
    const runs: FailoverTimes[] = [];
    for (let run = 0; run < RUNS; run++) {
      await ask();
      runs.push(await failing.lose(loss, DEADLINE));
      await failing.untilWhole(announcer);
    }
    figures.push(
      figure(
        loss,
        "detection",
        runs.map(({ detection }) => detection),
      ),
    );
    for (const address of addresses)
      figures.push(
        figure(
          loss,
          `takeover of ${address}`,
          runs.map(({ takeover }) => takeover[address] ?? Number.NaN),
        ),
      );
    expect(runs).toHaveLength(RUNS);
    // Those that took over have removed the statuses of the node that they thought dead.
    await until(`the statuses to name ${announcer.name} alone`, async () => {
      const path = "jsonpath={.items[*].status.node}";
      const named = await lab.cluster.kubectl(["get", "servicel2statuses", "-n", HERALD_NAMESPACE, "-o", path]);
      return named === announcer.name;
    });
  });

  it("hardly lacks an answer while a speaker that is told to stop hands over", async () => {
    const announcer = await ask();
    for (let run = 0; run < RUNS; run++) {
      await ask();
      for (const { address, lostMs, attempts, failed, beside } of await failing.handOver()) {
        figures.push(
          `SIGTERM: ${address}: ${lostMs} ms without an answer, ${failed} of ${attempts} requests failed; both claimed it for ${beside.forMs} ms`,
        );
        expect(beside.claims).toBeLessThanOrEqual(UNDER_WAY);
      }
      await ask();
      await failing.untilWhole(announcer);
    }
  });
});

function figure(loss: Loss, what: string, times: readonly number[]): string {
  const sorted = times.toSorted((left, right) => left - right);
  const [least, median, most] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return `${loss}: ${what}: min ${least} ms, median ${median} ms, max ${most} ms of ${sorted.length} runs`;
}

/**
 * The table of docs/guarantees.md, a row a test: the longest time without an answer and the longest double answer that a client sees. The
 * figures are printed; what is asserted is who answers, and bounds that hold on any machine.
 */
import { type Lab, Scope } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { captureClaims } from "./failover/claims.ts";
import type { LabUnderFailure } from "./failover/lab-under-failure.ts";
import { portOf, SegmentFaults } from "./guarantees/segment-fault.ts";
import { pause, WatchedLab } from "./guarantees/watched-lab.ts";
import { untilAnswer } from "./lab-service.ts";

/** The number of pauses of an announcer; the figures of docs/guarantees.md are of ten. */
const RUNS: number = Number(process.env["HERALD_RUNS"] ?? "1");
/** The length of a pause, and of a split, in milliseconds. */
const PAUSE = Number(process.env["HERALD_PAUSE"] ?? "5000");
/** The time in which a new announcer repeats its announcement, in milliseconds. */
const ANNOUNCING = 5_000;
const assets = labAssets();

describe.skipIf(assets === null)("a client of an address on layer 2", () => {
  const scope = new Scope();
  let watched: WatchedLab;
  let lab: Lab;
  let failing: LabUnderFailure;
  let faults: SegmentFaults;

  beforeAll(async () => {
    watched = await WatchedLab.start(scope, assets ?? "");
    ({ lab, failing } = watched);
    faults = new SegmentFaults(lab.topology);
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(watched.report());
  });

  it("keeps its answers through a crash of the announcing speaker", async () => {
    await watched.happen(
      "crash (SIGKILL)",
      (node) => watched.speakerOf(node).stop("SIGKILL"),
      async (node) => failing.restart(node),
    );
  });

  it("keeps its answers through a loss of power: the links go, and the speaker is dead", async () => {
    await watched.happen(
      "power (links down, SIGKILL)",
      async (node) => {
        await faults.setCable(node, "down");
        await watched.speakerOf(node).stop("SIGKILL");
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
      const { claims } = await watched.happen(
        `pause (SIGSTOP for ${PAUSE / 1_000} s)`,
        async (node) => {
          mac = node.mac;
          process.kill(watched.speakerOf(node).pid, "SIGSTOP");
        },
        async (node) => {
          resumedAt = Date.now();
          process.kill(watched.speakerOf(node).pid, "SIGCONT");
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
    await watched.happen(
      "link down",
      (node) => faults.setCable(node, "down"),
      (node) => faults.setCable(node, "up"),
    );
  });

  it("keeps its answers when nothing that the announcer sends arrives", async () => {
    await watched.happen(
      "one way: from the announcer",
      (node) => faults.mute(node),
      () => faults.undrop(),
    );
  });

  it("keeps its answers when nothing arrives at the announcer", async () => {
    // A node that has just become the announcer repeats its announcements, though it hears nothing.
    await pause(ANNOUNCING);
    await watched.happen(
      "one way: to the announcer",
      (node) => faults.deafen(node),
      () => faults.undrop(),
    );
  });

  it("notices nothing when the announcer cannot reach the API server", async () => {
    const { outage } = await watched.happen(
      "API server cut from the announcer",
      (node) => faults.setApi(node, "cut"),
      (node) => faults.setApi(node, "open"),
      5_000,
    );
    expect(outage.failed).toBe(0);
  });

  it("is answered on both sides of a split, and by one node after it", async () => {
    const node = await watched.announcer();
    const { address } = watched;
    const { client, router } = lab.topology;
    await faults.split([portOf(node), "p-router"]);
    await watched.untilOtherAnnounces(node);
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
    watched.figures.push(
      `split of ${PAUSE / 1_000} s: the second announcer's last claim ${Math.max(0, Math.round(late - healedAt))} ms after healing`,
    );
    await client.namespace.ip("neigh", "flush", "to", address);
    await untilAnswer(client, address);
    expect((await failing.announcer())?.name).toBe(node.name);
  });
});

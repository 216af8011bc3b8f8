import type { Logger } from "@herald-lb/daemon";
import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { createSpeakerMetrics } from "./metrics.ts";
import { WorkerReports } from "./worker-reports.ts";
import type { FromWorker } from "./worker/protocol.ts";

const RIVAL = {
  address: "198.51.100.1" as IpAddress,
  by: "02:00:5e:00:53:99" as MacAddress,
  interface: "eth0",
} as const;

/** Reports with a log of their calls, and the metrics that they set. */
function createBench(): {
  readonly reports: WorkerReports;
  readonly calls: string[];
  readonly metric: (line: string) => Promise<string | undefined>;
} {
  const calls: string[] = [];
  const metrics = createSpeakerMetrics(() => []);
  const call =
    (name: string) =>
    (...values: readonly unknown[]): void =>
      void calls.push(`${name} ${JSON.stringify(values)}`);
  const logged = (level: string) => (facts: object) => calls.push(`${level} ${JSON.stringify(facts)}`);
  const reports = new WorkerReports({
    layer2: {
      receive: ({ type }) => void calls.push(`layer2 ${type}`),
      learnDeath: call("learnDeath"),
      forgetDeath: call("forgetDeath"),
      receiveClients: ({ counts }) => void calls.push(`clients ${JSON.stringify([...counts])}`),
      receiveConflict: ({ type, address }) => void calls.push(`${type} ${address}`),
    },
    apiServerProbe: { want: call("probe") },
    membershipPort: { perform: ({ type }) => void calls.push(`perform ${type}`) },
    routing: {
      changeRouter: call("router"),
      bfd: { receive: (sessions) => void calls.push(`BFD ${sessions.length}`) },
    },
    metrics,
    log: { info: logged("info"), warn: logged("warn"), error: logged("error") } as unknown as Logger,
  });
  return {
    reports,
    calls,
    async metric(name) {
      const { text } = await metrics.exposition();
      return text.split("\n").find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    },
  };
}

describe("WorkerReports", () => {
  it("say that the worker is starting, then what it lacks, which is logged, until it lacks nothing", () => {
    const { reports, calls } = createBench();
    expect(reports.problem).toBe("the worker is starting");
    reports.receive({ type: "ProblemChanged", problem: "netlink: EPERM" });
    expect(reports.problem).toBe("netlink: EPERM");
    reports.receive({ type: "ProblemChanged", problem: null });
    expect(reports.problem).toBeNull();
    expect(calls).toEqual(['error {"problem":"netlink: EPERM"}']);
  });

  it("remember deaths for layer 2, and forget those of nodes that joined", async () => {
    const { reports, calls, metric } = createBench();
    reports.receive({ type: "DeathDeclared", node: "n2", by: ["n1", "n3"], silentFor: 150 });
    reports.receive({ type: "DeathDeclared", node: "n4", by: ["n1"], silentFor: null });
    const died = [
      { node: "n2", by: "n3" },
      { node: "n5", by: null },
    ];
    reports.receive({ type: "MembersChanged", alive: ["n1", "n3"], joined: ["n3"], left: ["n2", "n5"], died });
    expect(calls.filter((each) => each.includes("Death"))).toEqual([
      'learnDeath ["n2",["n1","n3"]]',
      'learnDeath ["n4",["n1"]]',
      'learnDeath ["n2",["n3"]]',
      'learnDeath ["n5",[]]',
      'forgetDeath ["n3"]',
    ]);
    expect(await metric("herald_membership_alive")).toBe("herald_membership_alive 2");
    expect(await metric("herald_membership_deaths_declared_total")).toMatch(/ 2$/);
    expect(await metric("herald_layer2_detection_seconds_sum")).toMatch(/ 0\.15$/);
    expect(await metric("herald_layer2_detection_seconds_count")).toMatch(/ 1$/);
  });

  it("show the figures of the worker in seconds and by state", async () => {
    const { reports, metric } = createBench();
    reports.receive({ type: "TakeoversMeasured", milliseconds: [2, 3] });
    reports.receive({ type: "BfdSessionsChanged", up: 2, wanted: 5 });
    reports.receive({ type: "PauseNoticed", duration: 400.4 });
    expect(await metric("herald_layer2_takeover_seconds_sum")).toMatch(/ 0\.005$/);
    expect(await metric('herald_bfd_sessions{state="up"}')).toMatch(/ 2$/);
    expect(await metric('herald_bfd_sessions{state="down"}')).toMatch(/ 3$/);
    expect(await metric("herald_layer2_pauses_total")).toMatch(/ 1$/);
  });

  it.each<[FromWorker, string]>([
    [{ type: "NotAnnouncing", key: "default/web", to: null }, "layer2 NotAnnouncing"],
    [{ type: "ProbeApiServer", wanted: true }, "probe [true]"],
    [{ type: "Stream", effect: { type: "CloseStream", stream: "accepted-0" } }, "perform CloseStream"],
    [{ type: "Conflict", ...RIVAL }, "Conflict 198.51.100.1"],
    [{ type: "RivalFound", ...RIVAL }, "RivalFound 198.51.100.1"],
    [{ type: "ClientsCounted", counts: new Map([[RIVAL.address, 3]]) }, 'clients [["198.51.100.1",3]]'],
    [{ type: "BgpBfdReported", sessions: [] }, "BFD 0"],
    [{ type: "RivalGone", address: RIVAL.address, interface: "eth0" }, "RivalGone 198.51.100.1"],
  ])("hand $type on to the part that it concerns", (message, call) => {
    const { reports, calls } = createBench();
    reports.receive(message);
    expect(calls).toEqual([call]);
  });

  it("resolve when the worker has stopped, not before", async () => {
    const { reports } = createBench();
    let stopped = false;
    void reports.stopped.then(() => {
      stopped = true;
    });
    reports.receive({ type: "ProblemChanged", problem: null });
    await Promise.resolve();
    expect(stopped).toBe(false);
    reports.receive({ type: "Stopped" });
    await Promise.resolve();
    expect(stopped).toBe(true);
  });
});

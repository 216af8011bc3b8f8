import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSegment, type Segment } from "./membership/segment.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1);
const RPC = "127.0.0.1:7373";
const SERF = 4;

type View = Readonly<Record<string, string>>;

interface Runner {
  readonly process: ChildProcess;
  view: View;
  log: string;
}

const hasSerf = spawnSync("serf", ["version"]).status === 0;
const isRoot = process.getuid?.() === 0;
if (!hasSerf || !isRoot) process.stderr.write("skipped: membership against serf needs root and Debian's serf\n");

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => void child.once("exit", () => done()));
}

async function eventually(what: string, milliseconds: number, holds: () => boolean): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (holds()) return performance.now() - began;
    if (performance.now() - began > milliseconds) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await pause(20);
  }
}

describe.runIf(hasSerf && isRoot)("a cluster of three Herald nodes and an encrypted serf agent", () => {
  let segment: Segment;
  const ours = new Map<number, Runner>();
  let serf: ChildProcess;
  let serfLog = "";
  const everybody = { "herald-1": "alive", "herald-2": "alive", "herald-3": "alive", "serf-a": "alive" };

  const startOurs = (host: number): void => {
    const script = resolve(import.meta.dirname, "membership/node.ts");
    const peers = [1, 2, 3, SERF].map((peer) => `192.0.2.${peer}`).join(",");
    const words = ["--conditions=@herald-lb/source", script, `--name=herald-${host}`, `--address=192.0.2.${host}`];
    const child = spawn(
      "ip",
      [
        "netns",
        "exec",
        segment.namespaceOf(host),
        process.execPath,
        ...words,
        `--key=${Buffer.from(KEY).toString("hex")}`,
        `--peers=${peers}`,
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const runner: Runner = { process: child, view: {}, log: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const last = text.trimEnd().split("\n").at(-1);
      if (last !== undefined && last.startsWith("{")) runner.view = (JSON.parse(last) as { members: View }).members;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (runner.log += text));
    ours.set(host, runner);
  };

  const startSerf = (): void => {
    const key = Buffer.from(KEY).toString("base64");
    serf = spawn(
      "ip",
      [
        "netns",
        "exec",
        segment.namespaceOf(SERF),
        "serf",
        "agent",
        "-node=serf-a",
        `-bind=192.0.2.${SERF}:7946`,
      ].concat([`-encrypt=${key}`, `-rpc-addr=${RPC}`, "-log-level=debug"]),
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const keep = (chunk: Buffer): void => void (serfLog += chunk.toString());
    serf.stdout?.on("data", keep);
    serf.stderr?.on("data", keep);
  };

  /** The output of `serf members`. */
  const serfView = (): View => {
    const words = ["netns", "exec", segment.namespaceOf(SERF), "serf", "members", `-rpc-addr=${RPC}`, "-format=json"];
    const asked = spawnSync("ip", words, { encoding: "utf8" });
    if (asked.status !== 0) return {};
    const { members } = JSON.parse(asked.stdout) as { members: { name: string; status: string }[] };
    return Object.fromEntries(members.map(({ name, status }) => [name, status]));
  };

  const holds = (view: View, wanted: View): boolean =>
    Object.entries(wanted).every(([name, state]) => view[name] === state);
  const facts = (): string =>
    JSON.stringify({
      ours: [...ours].map(([host, { view, log }]) => [host, view, log.slice(-500)]),
      serf: serfLog.slice(-3000),
    });

  beforeAll(() => {
    execFileSync("ip", ["netns"]);
    segment = createSegment("hm-", 4);
    startSerf();
    for (const host of [1, 2, 3]) startOurs(host);
  });

  afterAll(async () => {
    const children = [...[...ours.values()].map((runner) => runner.process), serf];
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(gone));
    segment.remove();
  });

  it("sees every node alive, from every node, and keeps doing so", async () => {
    await eventually("all see all", 20_000, () => [...ours.values()].every(({ view }) => holds(view, everybody))).catch(
      (error: unknown) => {
        throw new Error(facts(), { cause: error });
      },
    );
    await eventually("serf sees all", 20_000, () => holds(serfView(), everybody));
    // Several of serf's rounds of probes: an answer that it could not read would make us suspect by then.
    await pause(6000);
    expect(serfView()).toEqual(everybody);
    for (const { view } of ours.values()) expect(view).toEqual(everybody);
    expect(serfLog).not.toMatch(/Suspect herald|\[ERR]/);
  });

  it("finds a killed node dead, which serf calls failed", async () => {
    const killed = ours.get(3) as Runner;
    killed.process.kill("SIGKILL");
    await gone(killed.process);
    const others = [ours.get(1), ours.get(2)] as Runner[];
    const byOurs = await eventually("ours see herald-3 dead", 10_000, () =>
      others.every(({ view }) => view["herald-3"] === "dead"),
    );
    const bySerf = await eventually("serf sees herald-3 failed", 30_000, () => serfView()["herald-3"] === "failed");
    process.stderr.write(
      `herald-3 killed: dead for ours after ${Math.round(byOurs)} ms, serf ${Math.round(bySerf)} ms later\n`,
    );
  });

  it("takes the node back when it returns", async () => {
    startOurs(3);
    await eventually("all see all again", 20_000, () => [...ours.values()].every(({ view }) => holds(view, everybody)));
    await eventually("serf sees all again", 30_000, () => holds(serfView(), everybody));
  });

  it("finds a killed serf agent dead", async () => {
    serf.kill("SIGKILL");
    await gone(serf);
    const after = await eventually("serf-a dead", 20_000, () =>
      [...ours.values()].every(({ view }) => view["serf-a"] === "dead"),
    );
    process.stderr.write(`serf-a killed: dead for all of ours after ${Math.round(after)} ms\n`);
  });

  it("hears a goodbye", async () => {
    const leaver = ours.get(2) as Runner;
    leaver.process.kill("SIGTERM");
    const after = await eventually("herald-2 left", 5000, () =>
      [1, 3].every((host) => ours.get(host)?.view["herald-2"] === "left"),
    );
    await gone(leaver.process);
    expect(leaver.process.exitCode).toBe(0);
    process.stderr.write(`herald-2 left: known after ${Math.round(after)} ms\n`);
  });
});

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Daemon, type Namespace, run, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSegment } from "./membership/segment.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1);
const OTHER_KEY = KEY.map((octet) => octet ^ 0xff);
const RPC = "127.0.0.1:7373";
const SERF = 4;
const STRANGER = 5;
const NODE = resolve(import.meta.dirname, "membership/node.ts");
const SEND_DEAD = resolve(import.meta.dirname, "membership/send-dead.ts");

type View = Readonly<Record<string, string>>;

const hasSerf = spawnSync("serf", ["version"]).status === 0;
const isRoot = process.getuid?.() === 0;
if (!hasSerf || !isRoot) process.stderr.write("skipped: membership against serf needs root and Debian's serf\n");

/** The whole lines that a node of ours printed and that begin so. */
function linesOf(node: Daemon, beginning: string): readonly string[] {
  const lines = node.output().split("\n");
  return lines.filter((line) => line.startsWith(beginning) && line.endsWith("}"));
}

/** Every view that a node of ours printed. */
function viewsOf(node: Daemon): readonly View[] {
  return linesOf(node, '{"at"').map((line) => (JSON.parse(line) as { readonly members: View }).members);
}

/** The last view that a node of ours printed. */
function viewOf(node: Daemon): View {
  return viewsOf(node).at(-1) ?? {};
}

/** The incarnation by which a node of ours knows `member`; 0 where it knows none. */
function incarnationIn(node: Daemon, member: string): number {
  const last = linesOf(node, '{"incarnations"').at(-1);
  if (last === undefined) return 0;
  return (JSON.parse(last) as { readonly incarnations: Readonly<Record<string, number>> }).incarnations[member] ?? 0;
}

/** Waits until `holds`, and returns the milliseconds that it took. */
async function eventually(what: string, timeoutMs: number, holds: () => Promise<boolean> | boolean): Promise<number> {
  const began = performance.now();
  await until(what, holds, { timeoutMs, everyMs: 20 });
  return performance.now() - began;
}

describe.runIf(hasSerf && isRoot)("a cluster of three Herald nodes and an encrypted serf agent", () => {
  const scope = new Scope();
  const ours = new Map<number, Daemon>();
  let segment: ReadonlyMap<number, Namespace>;
  let serf: Daemon;
  const everybody = { "herald-1": "alive", "herald-2": "alive", "herald-3": "alive", "serf-a": "alive" };

  const namespaceOf = (host: number): Namespace => segment.get(host) as Namespace;
  const nodeOf = (host: number): Daemon => ours.get(host) as Daemon;

  const startOurs = (host: number): void => {
    const peers = [1, 2, 3, SERF].map((peer) => `192.0.2.${peer}`).join(",");
    const node = scope.spawn({
      name: `herald-${host}`,
      namespace: namespaceOf(host).name,
      command: process.execPath,
      args: [
        "--conditions=@herald-lb/source",
        NODE,
        `--name=herald-${host}`,
        `--address=192.0.2.${host}`,
        `--key=${Buffer.from(KEY).toString("hex")}`,
        `--peers=${peers}`,
      ],
    });
    ours.set(host, node);
  };

  const startSerf = (): Daemon =>
    scope.spawn({
      name: "serf",
      namespace: namespaceOf(SERF).name,
      command: "serf",
      args: [
        "agent",
        "-node=serf-a",
        `-bind=192.0.2.${SERF}:7946`,
        `-encrypt=${Buffer.from(KEY).toString("base64")}`,
        `-rpc-addr=${RPC}`,
        "-log-level=debug",
      ],
    });

  /** The output of `serf members`; nothing while the agent does not answer. */
  const serfView = async (): Promise<View> => {
    const words = ["netns", "exec", namespaceOf(SERF).name, "serf", "members", `-rpc-addr=${RPC}`, "-format=json"];
    const printed = await run("ip", words).catch(() => '{"members":[]}');
    const { members } = JSON.parse(printed) as { members: { name: string; status: string }[] };
    return Object.fromEntries(members.map(({ name, status }) => [name, status]));
  };

  /** Tells everybody, herald-3 last, that herald-3 is dead; what says so is no member. */
  const callDead = (incarnation: number, key: Uint8Array): Promise<string> =>
    namespaceOf(STRANGER).run(process.execPath, [
      SEND_DEAD,
      "--node=herald-3",
      "--from=herald-1",
      `--incarnation=${incarnation}`,
      `--key=${Buffer.from(key).toString("hex")}`,
      `--to=${[SERF, 1, 2, 3].map((host) => `192.0.2.${host}`).join(",")}`,
    ]);

  const holds = (view: View, wanted: View): boolean =>
    Object.entries(wanted).every(([name, state]) => view[name] === state);
  const facts = (): string =>
    JSON.stringify({
      ours: [...ours].map(([host, node]) => [host, node.output().slice(-500)]),
      serf: serf.output().slice(-3000),
    });

  beforeAll(async () => {
    segment = await createSegment(scope, STRANGER);
    serf = startSerf();
    for (const host of [1, 2, 3]) startOurs(host);
  });

  afterAll(() => scope.close());

  it("sees every node alive, from every node, and keeps doing so", async () => {
    const allSeeAll = (): boolean => [...ours.values()].every((node) => holds(viewOf(node), everybody));
    await eventually("all see all", 20_000, allSeeAll).catch((error: unknown) => {
      throw new Error(facts(), { cause: error });
    });
    await eventually("serf sees all", 20_000, async () => holds(await serfView(), everybody));
    // Several of serf's rounds of probes: an answer that it could not read would make us suspect by then.
    await pause(6000);
    expect(await serfView()).toEqual(everybody);
    for (const node of ours.values()) expect(viewOf(node)).toEqual(everybody);
    expect(serf.output()).not.toMatch(/Suspect herald|\[ERR]/);
  });

  it("finds a killed node dead, which serf calls failed", async () => {
    await nodeOf(3).stop("SIGKILL");
    const byOurs = await eventually("ours see herald-3 dead", 10_000, () =>
      [1, 2].every((host) => viewOf(nodeOf(host))["herald-3"] === "dead"),
    );
    const bySerf = await eventually(
      "serf sees herald-3 failed",
      30_000,
      async () => (await serfView())["herald-3"] === "failed",
    );
    process.stderr.write(
      `herald-3 killed: dead for ours after ${Math.round(byOurs)} ms, serf ${Math.round(bySerf)} ms later\n`,
    );
  });

  it("takes the node back when it returns", async () => {
    startOurs(3);
    await eventually("all see all again", 20_000, () =>
      [...ours.values()].every((node) => holds(viewOf(node), everybody)),
    );
    await eventually("serf sees all again", 30_000, async () => holds(await serfView(), everybody));
  });

  it("passes over a `dead` that another key sealed, and refutes a false one", async () => {
    const nodes = [...ours.values()];
    const others = [nodeOf(1), nodeOf(2)];
    const incarnation = incarnationIn(nodeOf(3), "herald-3");
    await eventually("all know herald-3's incarnation", 5000, () =>
      nodes.every((node) => incarnationIn(node, "herald-3") === incarnation),
    );
    const views = nodes.map((node) => viewsOf(node).length);
    const serfSaid = serf.output().length;
    const sinceThen = (): string => serf.output().slice(serfSaid);

    await callDead(incarnation, OTHER_KEY);
    const refused = '{"type":"Ignored","reason":"Undecryptable","from":{"address":"192.0.2.5"';
    await eventually("ours refuse the other key", 5000, () =>
      nodes.every((node) => linesOf(node, refused).length === 1),
    );
    await eventually("serf refuses the other key", 5000, () => /Decrypt packet failed.*192\.0\.2\.5/.test(sinceThen()));
    expect(nodes.map((node) => viewsOf(node).length)).toEqual(views);
    expect(nodes.map((node) => incarnationIn(node, "herald-3"))).toEqual(nodes.map(() => incarnation));
    expect(sinceThen()).not.toMatch(/EventMember/);
    expect(await serfView()).toEqual(everybody);

    const calledAt = performance.now();
    await callDead(incarnation, KEY);
    await eventually("herald-3 dead and alive again, by ours", 5000, () =>
      others.every((node, at) => {
        const states = viewsOf(node)
          .slice(views[at])
          .map((view) => view["herald-3"]);
        return states.includes("dead") && states.at(-1) === "alive" && incarnationIn(node, "herald-3") > incarnation;
      }),
    );
    await eventually("herald-3 failed and alive again, by serf", 5000, () =>
      /EventMemberFailed: herald-3[^]*EventMemberJoin: herald-3/.test(sinceThen()),
    );
    await eventually("serf lists all alive", 5000, async () => holds(await serfView(), everybody));
    // By its answer to the message: others that ask a dead node whether it lives would make it refute as well.
    expect(linesOf(nodeOf(3), '{"type":"DeathRefuted"').length).toBeGreaterThan(0);
    const refutedAfter = performance.now() - calledAt;
    const raised = incarnationIn(nodeOf(3), "herald-3");
    expect(raised).toBeGreaterThan(incarnation);
    for (const node of nodes) expect(viewOf(node)).toEqual(everybody);
    process.stderr.write(
      `herald-3 called dead at incarnation ${incarnation}: alive at ${raised} for all after ${Math.round(refutedAfter)} ms, ` +
        "the start of the program that calls it dead included\n",
    );
  });

  it("finds a killed serf agent dead", async () => {
    await serf.stop("SIGKILL");
    const after = await eventually("serf-a dead", 20_000, () =>
      [...ours.values()].every((node) => viewOf(node)["serf-a"] === "dead"),
    );
    process.stderr.write(`serf-a killed: dead for all of ours after ${Math.round(after)} ms\n`);
  });

  it("is told when a node leaves", async () => {
    const stopped = nodeOf(2).stop("SIGTERM");
    const after = await eventually("herald-2 left", 5000, () =>
      [1, 3].every((host) => viewOf(nodeOf(host))["herald-2"] === "left"),
    );
    await stopped;
    expect(await nodeOf(2).exited).toBe(0);
    process.stderr.write(`herald-2 left: known after ${Math.round(after)} ms\n`);
  });
});

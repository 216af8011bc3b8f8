/** BFD against FRR's bfdd and BIRD: sessions, timers, loss, AdminDown, authentication. */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BfdEffect, SessionView } from "@herald-lb/bfd";
import { type Daemon, type Frr, Namespace, run, Scope, startFrr, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const canRun = process.getuid?.() === 0 && existsSync("/usr/lib/frr/bfdd") && existsSync("/usr/sbin/bird");
if (!canRun) process.stderr.write("skipped: BFD against FRR and BIRD needs root and both daemons\n");

const [OURS, FRR, BIRD] = [10, 1, 2];
const NODE = resolve(import.meta.dirname, "bfd/node.ts");
const v4 = (host: number): string => `192.0.2.${host}`;
const v6 = (host: number): string => `2001:db8::${host}`;

const FRR_CONFIGURATION = `frr defaults traditional
bfd
 peer ${v4(OURS)} interface eth0
  receive-interval 60
  transmit-interval 80
  detect-multiplier 4
  no shutdown
 exit
 peer ${v6(OURS)} local-address ${v6(FRR)} interface eth0
  receive-interval 60
  transmit-interval 80
  detect-multiplier 4
  no shutdown
 exit
exit
`;

const birdConfiguration = (authentication: string): string => `router id ${v4(BIRD)};
protocol device { }
protocol bfd {
  interface "eth0" { min rx interval 60 ms; min tx interval 80 ms; idle tx interval 1 s; multiplier 4; ${authentication} };
  neighbor ${v4(OURS)} dev "eth0";
  neighbor ${v6(OURS)} dev "eth0";
}
`;

const session = (remote: string, changes: object = {}): object => ({ remote, interval: 50, detectMult: 3, ...changes });
const SESSIONS = {
  frr4: session(v4(FRR)),
  frr6: session(v6(FRR)),
  bird4: session(v4(BIRD)),
  bird6: session(v6(BIRD)),
};

type Line = BfdEffect & { readonly at: number; readonly views: readonly SessionView[] };

describe.runIf(canRun)("BFD with real peers", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let namespaces: ReadonlyMap<number, Namespace>;
  let frr: Frr;
  let bird: Daemon;
  let ours: Daemon;

  const namespaceOf = (host: number): Namespace => namespaces.get(host) as Namespace;
  const lines = (): readonly Line[] =>
    ours
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Line);
  const stateOf = (session: string): string | undefined =>
    lines()
      .filter((line) => line.type === "SessionStateChanged")
      .findLast((line) => line.session === session)?.to;
  const viewOf = (session: string): SessionView | undefined =>
    lines()
      .at(-1)
      ?.views.find((view) => view.session === session);
  const untilState = (session: string, state: string): Promise<unknown> =>
    until(`${session} to be ${state}`, () => stateOf(session) === state, { timeoutMs: 15_000, everyMs: 5 }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${ours.output().slice(-1_000)}\n${bird.output().slice(-1_000)}`, {
          cause: error,
        });
      },
    );

  const startOurs = (sessions: Readonly<Record<string, object>>): void => {
    ours = scope.spawn({
      name: "ours",
      namespace: namespaceOf(OURS).name,
      command: process.execPath,
      args: ["--conditions=@herald-lb/source", NODE, JSON.stringify(sessions)],
      input: true,
    });
  };
  const startBird = async (authentication: string): Promise<void> => {
    const [configuration, control] = [join(scope.folder, "bird.conf"), join(scope.folder, "bird.ctl")];
    writeFileSync(configuration, birdConfiguration(authentication));
    const namespace = namespaceOf(BIRD).name;
    bird = scope.spawn({ name: "bird", namespace, command: "bird", args: ["-f", "-c", configuration, "-s", control] });
    await until("BIRD to answer", async () =>
      (await run("birdc", ["-s", control, "show", "status"])).includes("is up"),
    );
  };
  const link = (host: number, state: "up" | "down"): Promise<string> =>
    namespaceOf(0).ip("link", "set", `p${host}`, state);

  beforeAll(async () => {
    const made = new Map<number, Namespace>();
    const hub = await Namespace.create(scope, "bfd-hub");
    await hub.addBridge("br0");
    made.set(0, hub);
    for (const host of [OURS, FRR, BIRD]) {
      const namespace = await Namespace.create(scope, `bfd-${host}`);
      const end = { interface: "eth0", addresses: [`${v4(host)}/24`, `${v6(host)}/64`] };
      await namespace.connect(end, { namespace: hub, name: "br0", port: `p${host}` });
      made.set(host, namespace);
    }
    namespaces = made;
    // RFC 5881 §5, which Node's sockets cannot check.
    await namespaceOf(OURS).run(
      "nft",
      ["-f", "-"],
      "table inet gtsm { chain in { type filter hook input priority 0; udp dport 3784 ip ttl != 255 drop; udp dport 3784 ip6 hoplimit != 255 drop; }; }",
    );
    frr = await startFrr(scope, namespaceOf(FRR), FRR_CONFIGURATION, ["bfdd"]);
    await startBird("");
    startOurs(SESSIONS);
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(`${figures.join("\n")}\n`);
  });

  it("comes up over both families, with the timers that the two sides agree on", async () => {
    for (const name of ["frr4", "frr6", "bird4", "bird6"]) await untilState(name, "Up");
    // The intervals of Up are agreed on by the Poll Sequence that follows it.
    const peers = await until("FRR to have the agreed timers", async () => {
      const all = await frr.showJson<readonly Record<string, unknown>[]>("show bfd peers json");
      return all.length === 2 && all.every((peer) => peer["remote-transmit-interval"] === 50) && all;
    });
    for (const peer of peers)
      expect(peer).toMatchObject({ status: "up", "remote-receive-interval": 50, "remote-detect-multiplier": 3 });
    const birdSees = await run("birdc", ["-s", join(scope.folder, "bird.ctl"), "show", "bfd", "sessions"]);
    expect(birdSees.match(/Up/g)).toHaveLength(2);
    // BIRD sends every 80 ms, and loses us after three times the 60 that it takes at most: ours would be 50.
    expect(birdSees).toMatch(/0\.080\s+0\.180/);
  });

  it("finds a broken link within the detection time, and comes up again", async () => {
    for (const [name, host] of [
      ["frr4", FRR],
      ["bird6", BIRD],
    ] as const) {
      const since = lines().length;
      const before = performance.timeOrigin + performance.now();
      await link(host, "down");
      await untilState(name, "Down");
      const lost = lines()
        .slice(since)
        .find((line) => line.type === "SessionStateChanged" && line.session === name);
      expect(lost).toMatchObject({ from: "Up", to: "Down", diagnostic: 1 });
      const took = performance.timeOrigin + performance.now() - before;
      figures.push(`${name}: link down, seen after ${took.toFixed(0)} ms (detection time 4 x 80 = 320 ms)`);
      await link(host, "up");
      await untilState(name, "Up");
    }
  });

  it("is told of AdminDown, which is no loss, and comes up after it", async () => {
    const peer = `peer ${v4(OURS)} interface eth0`;
    const configure = (line: string): Promise<string> =>
      run("vtysh", ["-N", namespaceOf(FRR).name, "-c", "configure terminal", "-c", "bfd", "-c", peer, "-c", line]);
    await configure("shutdown");
    await untilState("frr4", "Down");
    expect(viewOf("frr4")).toMatchObject({ remoteState: "AdminDown", diagnostic: 3 });
    await configure("no shutdown");
    await untilState("frr4", "Up");
  });

  it("tells a peer AdminDown, for which that is no failure to detect us, and comes up after it", async () => {
    const untilFrr = (what: string, wanted: Readonly<Record<string, unknown>>): Promise<unknown> =>
      until(`FRR to have ${what}`, async () => {
        const peers = await frr.showJson<readonly Record<string, unknown>[]>("show bfd peers json");
        const peer = peers.find((each) => each["peer"] === v4(OURS));
        return Object.entries(wanted).every(([name, value]) => peer?.[name] === value) && peer;
      }).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await frr.show("show bfd peers json")}`, { cause: error });
      });
    await untilFrr("the session up", { status: "up" });
    ours.tell(JSON.stringify({ ...SESSIONS, frr4: session(v4(FRR), { administrativelyDown: true }) }));
    await untilState("frr4", "AdminDown");
    // Had FRR lost us, its own diagnostic were "control detection time expired".
    const shut = {
      status: "down",
      diagnostic: "neighbor signaled session down",
      "remote-diagnostic": "administratively down",
    };
    await untilFrr("the session down by our word", shut);
    const received = async (): Promise<number> => {
      const counters = await frr.showJson<readonly Record<string, unknown>[]>("show bfd peers counters json");
      return Number(counters.find((each) => each["peer"] === v4(OURS))?.["control-packet-input"]);
    };
    const before = await received();
    await until("FRR to be told again", async () => (await received()) >= before + 2);
    await untilFrr("the session down by our word still", shut);
    for (const name of ["frr6", "bird4", "bird6"]) expect(stateOf(name)).toBe("Up");
    ours.tell(JSON.stringify(SESSIONS));
    await untilState("frr4", "Up");
    await untilFrr("the session up", { status: "up" });
  });

  it.each([
    { bird: "keyed md5", ours: "KeyedMd5" },
    { bird: "meticulous keyed md5", ours: "MeticulousKeyedMd5" },
    { bird: "keyed sha1", ours: "KeyedSha1" },
    { bird: "meticulous keyed sha1", ours: "MeticulousKeyedSha1" },
    { bird: "simple", ours: "SimplePassword" },
  ])("authenticates to BIRD by $bird, and not with a wrong key", async (row) => {
    await ours.stop();
    await bird.stop();
    await startBird(`authentication ${row.bird}; password "open sesame" { id 5; };`);
    const authentication = (text: string): object => ({ authentication: { type: row.ours, keys: [[5, text]] } });
    startOurs({
      bird4: session(v4(BIRD), authentication("open sesame")),
      bird6: session(v6(BIRD), authentication("wrong one")),
    });
    await untilState("bird4", "Up");
    await until("a refusal of the wrong key", () =>
      lines().some((line) => line.type === "Ignored" && line.reason === "BadDigest"),
    );
    expect(stateOf("bird6")).toBeUndefined();
    expect(stateOf("bird4")).toBe("Up");
  });
});

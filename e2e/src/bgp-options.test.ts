/** The options of OPEN, negotiated with BIRD: extended messages, ADD-PATH, roles; each on a session of its own, told apart by our address. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const canRun = process.getuid?.() === 0 && existsSync("/usr/sbin/bird");
if (!canRun) process.stderr.write("skipped: BGP against BIRD needs root and the daemon\n");

/** The number of further routes to IPv6 prefixes: enough for an UPDATE above 4096 octets. */
const MANY = 1_500;

/** The sessions by the last part of our address, with both configurations. */
const SESSIONS = {
  plain: { host: 2, bird: "", ours: {} },
  extended: { host: 3, bird: "enable extended messages on;", ours: {} },
  paths: { host: 4, bird: "", channel: "add paths rx;", ours: { addPath: "Send" } },
  noPaths: { host: 5, bird: "", channel: "add paths tx;", ours: { addPath: "Send" } },
  ourCustomer: { host: 6, bird: "", ours: { role: { local: "Provider", strict: false } } },
  provider: {
    host: 7,
    bird: "local role provider; require roles on;",
    ours: { role: { local: "Customer", strict: true } },
  },
  wrongRole: { host: 8, bird: "local role peer;", ours: { role: { local: "Customer", strict: false } } },
  noRole: { host: 9, bird: "", ours: { role: { local: "Customer", strict: true } } },
} as const;
type Name = keyof typeof SESSIONS;
const names = Object.keys(SESSIONS) as Name[];

const run = (command: string, ...args: readonly string[]): string => execFileSync(command, args, { encoding: "utf8" });
const space = `ho-${process.pid}`;
const work = mkdtempSync(join(tmpdir(), "herald-bgp-options-"));
const birdc = (command: string): string => run("birdc", "-s", join(work, "bird.ctl"), ...command.split(" "));
const BIRD = "192.0.2.2";
const ourAddress = (name: Name): string => `192.0.2.${10 + SESSIONS[name].host}`;

function birdConfiguration(): string {
  const sessions = names.map((name) => {
    const { bird, ...rest } = SESSIONS[name];
    const channel = `{ import all; export none; ${"channel" in rest ? rest.channel : ""} }`;
    const as = `local ${BIRD} as 65002; neighbor ${ourAddress(name)} as 65010;`;
    return `protocol bgp s_${name} { ${as} passive; hold time 9; error wait time 1, 1; ${bird} ipv4 ${channel}; ipv6 ${channel}; }`;
  });
  return ["router id 192.0.2.2;", "protocol device { }", ...sessions, ""].join("\n");
}

function buildSegment(): void {
  for (const host of ["bird", "ours"]) run("ip", "netns", "add", `${space}-${host}`);
  const [bird, ours] = [`${space}-bird`, `${space}-ours`];
  run("ip", "link", "add", "eth0", "netns", bird, "type", "veth", "peer", "name", "eth0", "netns", ours);
  run("ip", "-n", bird, "addr", "add", `${BIRD}/24`, "dev", "eth0");
  for (const name of names) run("ip", "-n", ours, "addr", "add", `${ourAddress(name)}/24`, "dev", "eth0");
  run("ip", "-n", bird, "addr", "add", "2001:db8::2/64", "dev", "eth0", "nodad");
  run("ip", "-n", ours, "addr", "add", "2001:db8::10/64", "dev", "eth0", "nodad");
  for (const host of [bird, ours]) for (const link of ["lo", "eth0"]) run("ip", "-n", host, "link", "set", link, "up");
}

describe.runIf(canRun)("BIRD", () => {
  let node: ChildProcess | null = null;

  beforeAll(() => {
    buildSegment();
    writeFileSync(join(work, "bird.conf"), birdConfiguration());
    run("ip", "netns", "exec", `${space}-bird`, "bird", "-c", join(work, "bird.conf"), "-s", join(work, "bird.ctl"));
    const peers = names.map((name) => {
      const options = { ...SESSIONS[name].ours, sourceAddress: ourAddress(name) };
      return `${name}=${BIRD}=65002=${JSON.stringify(options)}`;
    });
    const script = resolve(import.meta.dirname, "bgp/node.ts");
    const words = ["netns", "exec", `${space}-ours`, process.execPath, "--conditions=@herald-lb/source", script];
    const env = { ...process.env, HERALD_ROUTES: String(MANY) };
    node = spawn("ip", [...words, ...peers], { stdio: "inherit", env });
  });

  afterAll(async () => {
    node?.kill("SIGKILL");
    for (const host of ["bird", "ours"]) {
      for (const pid of run("ip", "netns", "pids", `${space}-${host}`).split("\n").filter(Boolean))
        process.kill(Number(pid));
      await until("the processes to end", async () => run("ip", "netns", "pids", `${space}-${host}`) === "");
      run("ip", "netns", "del", `${space}-${host}`);
    }
    rmSync(work, { recursive: true, force: true });
  });

  const untilEstablished = (name: Name): Promise<string> =>
    until(`${name} to be established`, async () => {
      const text = birdc(`show protocols all s_${name}`);
      return /BGP state: +Established/.test(text) && text;
    });
  /** Waits until a session's tables hold every route. */
  const untilHeld = (name: Name): Promise<readonly number[]> =>
    until(`${name} to hold every route`, async () => {
      const counts = [...birdc(`show protocols all s_${name}`).matchAll(/Routes: +(\d+) imported/g)].map(([, count]) =>
        Number(count),
      );
      return counts[0] === 2 && counts[1] === MANY + 2 && counts;
    });

  it.each(["plain", "extended", "paths", "noPaths", "ourCustomer", "provider"] as const)(
    "%s: is established and holds every route",
    async (name) => {
      await untilEstablished(name);
      await untilHeld(name);
    },
  );

  it("says that both ends have extended messages where it was told to have them", async () => {
    const capability = /Extended message/g;
    expect((await untilEstablished("extended")).match(capability)).toHaveLength(2);
    // Ours alone offers them.
    expect((await untilEstablished("plain")).match(capability)).toHaveLength(1);
  });

  it("takes routes with a Path Identifier where it receives such", async () => {
    const text = await untilEstablished("paths");
    expect(text).toMatch(/ADD-PATH/);
    await untilHeld("paths");
    expect(birdc("show route table master4 protocol s_paths 203.0.113.7/32 all")).toContain("BGP.as_path: 65010");
  });

  it("holds Only to Customer with our AS as we sent it, as a customer that adds none itself", async () => {
    await untilHeld("ourCustomer");
    expect(birdc("show route protocol s_ourCustomer 203.0.113.7/32 all")).toMatch(/BGP\.otc: +65010/);
    await untilHeld("provider");
    expect(birdc("show route protocol s_provider 203.0.113.7/32 all")).not.toMatch(/BGP\.otc/);
  });

  it("sees Role Mismatch where the roles do not fit, and where strict mode misses one", async () => {
    for (const name of ["wrongRole", "noRole"] as const) {
      const text = await until(`${name} to be refused`, async () => {
        const shown = birdc(`show protocols all s_${name}`);
        return /Last error: +\S/.test(shown) && shown;
      });
      expect(text).toMatch(/Last error: .*Role mismatch/i);
    }
  });
});

/** The options of OPEN, negotiated with BIRD and FRR: extended messages, ADD-PATH, roles; each on a session of its own, told apart by our address. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const canRun = process.getuid?.() === 0 && existsSync("/usr/sbin/bird") && existsSync("/usr/lib/frr/bgpd");
if (!canRun) process.stderr.write("skipped: BGP against BIRD and FRR needs root and both daemons\n");

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

const HOSTS = ["bird", "frr", "ours"] as const;
/** FRR takes extended messages from everyone, and has a role as well. */
const FRR = `frr defaults traditional
router bgp 65001
 bgp router-id 198.51.100.1
 no bgp ebgp-requires-policy
 neighbor 198.51.100.10 remote-as 65010
 neighbor 198.51.100.10 passive
 neighbor 198.51.100.10 local-role customer strict-mode
 address-family ipv6 unicast
  neighbor 198.51.100.10 activate
 exit-address-family
exit
`;
const OUR_FRR_OPTIONS = { role: { local: "Provider", strict: true }, sourceAddress: "198.51.100.10" } as const;

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

const frrSpace = `${space}-frr`;
const frr = (command: string): unknown => JSON.parse(run("vtysh", "-N", frrSpace, "-c", command));

function startFrr(): void {
  run("ip", "link", "add", "eth0", "netns", frrSpace, "type", "veth", "peer", "name", "eth1", "netns", `${space}-ours`);
  run("ip", "-n", frrSpace, "addr", "add", "198.51.100.1/24", "dev", "eth0");
  run("ip", "-n", `${space}-ours`, "addr", "add", "198.51.100.10/24", "dev", "eth1");
  run("ip", "-n", `${space}-ours`, "link", "set", "eth1", "up");
  for (const link of ["lo", "eth0"]) run("ip", "-n", frrSpace, "link", "set", link, "up");
  const directories = [`/etc/frr/${frrSpace}`, `/var/run/frr/${frrSpace}`];
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  writeFileSync(`/etc/frr/${frrSpace}/frr.conf`, FRR);
  writeFileSync(`/etc/frr/${frrSpace}/vtysh.conf`, "service integrated-vtysh-config\n");
  run("chown", "-R", "frr:frr", ...directories);
  for (const daemon of ["zebra", "bgpd"]) {
    const pid = `/var/run/frr/${frrSpace}/${daemon}.pid`;
    const words = ["netns", "exec", frrSpace, `/usr/lib/frr/${daemon}`, "-d", "-N", frrSpace, "-i", pid];
    execFileSync("ip", words, { stdio: "ignore" });
  }
  run("vtysh", "-N", frrSpace, "-b");
}

function buildSegment(): void {
  for (const host of HOSTS) run("ip", "netns", "add", `${space}-${host}`);
  const [bird, ours] = [`${space}-bird`, `${space}-ours`];
  run("ip", "link", "add", "eth0", "netns", bird, "type", "veth", "peer", "name", "eth0", "netns", ours);
  run("ip", "-n", bird, "addr", "add", `${BIRD}/24`, "dev", "eth0");
  for (const name of names) run("ip", "-n", ours, "addr", "add", `${ourAddress(name)}/24`, "dev", "eth0");
  run("ip", "-n", bird, "addr", "add", "2001:db8::2/64", "dev", "eth0", "nodad");
  run("ip", "-n", ours, "addr", "add", "2001:db8::10/64", "dev", "eth0", "nodad");
  for (const host of [bird, ours]) for (const link of ["lo", "eth0"]) run("ip", "-n", host, "link", "set", link, "up");
}

describe.runIf(canRun)("BIRD and FRR", () => {
  let node: ChildProcess | null = null;

  beforeAll(() => {
    buildSegment();
    writeFileSync(join(work, "bird.conf"), birdConfiguration());
    run("ip", "netns", "exec", `${space}-bird`, "bird", "-c", join(work, "bird.conf"), "-s", join(work, "bird.ctl"));
    const peers = names.map((name) => {
      const options = { ...SESSIONS[name].ours, sourceAddress: ourAddress(name) };
      return `${name}=${BIRD}=65002=${JSON.stringify(options)}`;
    });
    startFrr();
    peers.push(`frr=198.51.100.1=65001=${JSON.stringify(OUR_FRR_OPTIONS)}`);
    const script = resolve(import.meta.dirname, "bgp/node.ts");
    const words = ["netns", "exec", `${space}-ours`, process.execPath, "--conditions=@herald-lb/source", script];
    const env = { ...process.env, HERALD_ROUTES: String(MANY) };
    node = spawn("ip", [...words, ...peers], { stdio: "inherit", env });
  });

  afterAll(async () => {
    node?.kill("SIGKILL");
    for (const host of HOSTS) {
      for (const pid of run("ip", "netns", "pids", `${space}-${host}`).split("\n").filter(Boolean))
        process.kill(Number(pid));
      await until("the processes to end", async () => run("ip", "netns", "pids", `${space}-${host}`) === "");
      run("ip", "netns", "del", `${space}-${host}`);
    }
    for (const folder of [work, `/etc/frr/${frrSpace}`, `/var/run/frr/${frrSpace}`])
      rmSync(folder, { recursive: true, force: true });
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

  it("FRR has extended messages with us, the role that fits, and every route of a message above 4096 octets", async () => {
    const neighbour = await until("FRR to be established", () => {
      const { "198.51.100.10": found } = frr("show bgp neighbors json") as Readonly<Record<string, FrrNeighbour>>;
      return found?.bgpState === "Established" && found;
    });
    expect(neighbour).toMatchObject({
      localRole: "customer",
      remoteRole: "provider",
      neighborCapabilities: { extendedMessage: "advertisedAndReceived" },
    });
    await until("FRR to hold every route", () => {
      const { routes } = frr("show bgp ipv6 unicast json") as { readonly routes: object };
      return Object.keys(routes).length === MANY + 2;
    });
    expect(JSON.stringify(frr("show bgp ipv6 unicast 2001:db8:100::7/128 json"))).toContain("65010");
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

interface FrrNeighbour {
  readonly bgpState: string;
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const canRun = process.getuid?.() === 0 && existsSync("/usr/lib/frr/bgpd") && existsSync("/usr/sbin/bird");
if (!canRun) process.stderr.write("skipped: BGP against FRR and BIRD needs root and both daemons\n");

const FRR = `frr defaults traditional
router bgp 65001
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.10 remote-as 65010
 neighbor 192.0.2.10 passive
 neighbor 2001:db8::10 remote-as 65010
 neighbor 2001:db8::10 passive
 address-family ipv4 unicast
  neighbor 192.0.2.10 activate
  neighbor 2001:db8::10 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor 192.0.2.10 activate
  neighbor 2001:db8::10 activate
 exit-address-family
exit
`;
const BIRD = `router id 192.0.2.2;
protocol device { }
template bgp T { local as 65002; hold time 9; passive; ipv4 { import all; export none; }; ipv6 { import all; export none; }; }
protocol bgp ours4 from T { neighbor 192.0.2.10 as 65010; }
protocol bgp ours6 from T { neighbor 2001:db8::10 as 65010; }
`;
const HOSTS: readonly (readonly [string, number])[] = [
  ["frr", 1],
  ["bird", 2],
  ["ours", 10],
];

const run = (command: string, ...args: readonly string[]): string => execFileSync(command, args, { encoding: "utf8" });
const space = `hb-${process.pid}`;
const frrSpace = `${space}-frr`;
const work = mkdtempSync(join(tmpdir(), "herald-bgp-"));
const frr = (command: string): unknown => JSON.parse(run("vtysh", "-N", frrSpace, "-c", command));
const bird = (command: string): string => run("birdc", "-s", join(work, "bird.ctl"), ...command.split(" "));

async function eventually<T>(what: string, read: () => T, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const value = read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`not within 30 s: ${what}: ${JSON.stringify(value)}`);
    await pause(100);
  }
}

function buildSegment(): void {
  run("ip", "netns", "add", `${space}-sw`);
  run("ip", "-n", `${space}-sw`, "link", "add", "br0", "type", "bridge");
  run("ip", "-n", `${space}-sw`, "link", "set", "br0", "up");
  for (const [name, number] of HOSTS) {
    const host = `${space}-${name}`;
    run("ip", "netns", "add", host);
    run("ip", "netns", "exec", host, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
    run(
      "ip",
      "link",
      "add",
      "eth0",
      "netns",
      host,
      "type",
      "veth",
      "peer",
      "name",
      `p-${name}`,
      "netns",
      `${space}-sw`,
    );
    run("ip", "-n", `${space}-sw`, "link", "set", `p-${name}`, "master", "br0", "up");
    run("ip", "-n", host, "addr", "add", `192.0.2.${number}/24`, "dev", "eth0");
    run("ip", "-n", host, "addr", "add", `2001:db8::${number}/64`, "dev", "eth0", "nodad");
    run("ip", "-n", host, "link", "set", "lo", "up");
    run("ip", "-n", host, "link", "set", "eth0", "up");
  }
}

function startRouters(): void {
  const directories = [`/etc/frr/${frrSpace}`, `/var/run/frr/${frrSpace}`];
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  writeFileSync(`/etc/frr/${frrSpace}/frr.conf`, FRR);
  writeFileSync(`/etc/frr/${frrSpace}/vtysh.conf`, "service integrated-vtysh-config\n");
  run("chown", "-R", "frr:frr", ...directories);
  for (const daemon of ["zebra", "bgpd"]) {
    const pid = `/var/run/frr/${frrSpace}/${daemon}.pid`;
    execFileSync("ip", ["netns", "exec", frrSpace, `/usr/lib/frr/${daemon}`, "-d", "-N", frrSpace, "-i", pid], {
      stdio: "ignore",
    });
  }
  execFileSync("vtysh", ["-N", frrSpace, "-b"], { stdio: "ignore" });
  writeFileSync(join(work, "bird.conf"), BIRD);
  run("ip", "netns", "exec", `${space}-bird`, "bird", "-c", join(work, "bird.conf"), "-s", join(work, "bird.ctl"));
}

describe.runIf(canRun)("FRR and BIRD, each over IPv4 and IPv6", () => {
  let node: ChildProcess;

  beforeAll(() => {
    buildSegment();
    startRouters();
    const script = resolve(import.meta.dirname, "bgp/node.ts");
    const peers = [
      "frr4=192.0.2.1=65001",
      "frr6=2001:db8::1=65001",
      "bird4=192.0.2.2=65002",
      "bird6=2001:db8::2=65002",
    ];
    const words = [
      "netns",
      "exec",
      `${space}-ours`,
      process.execPath,
      "--conditions=@herald-lb/source",
      script,
      ...peers,
    ];
    node = spawn("ip", words, { stdio: "inherit" });
  });

  afterAll(async () => {
    node.kill("SIGKILL");
    for (const [name] of [["sw"], ...HOSTS]) {
      const host = `${space}-${name}`;
      for (const pid of run("ip", "netns", "pids", host).split("\n").filter(Boolean)) process.kill(Number(pid));
      await pause(200);
      run("ip", "netns", "del", host);
    }
    rmSync(`/etc/frr/${frrSpace}`, { recursive: true, force: true });
    rmSync(`/var/run/frr/${frrSpace}`, { recursive: true, force: true });
    rmSync(work, { recursive: true, force: true });
  });

  it("hold the routes with the right next hop, AS_PATH and ORIGIN", async () => {
    for (const [family, prefix, hop] of [
      ["ipv4", "203.0.113.7/32", "192.0.2.10"],
      ["ipv6", "2001:db8:100::7/128", "2001:db8::10"],
    ]) {
      const expected = { origin: "IGP", aspath: { string: "65010" }, nexthops: [{ ip: hop }] };
      const read = (): unknown => frr(`show bgp ${family} unicast ${prefix} json`);
      const held = await eventually(`two paths to ${prefix}`, read, (value) => pathsIn(value).length === 2);
      expect(pathsIn(held)).toMatchObject([expected, expected]);
      const text = await eventually(
        `BIRD has ${prefix}`,
        () => bird(`show route all for ${prefix}`),
        (all) => all.split("unicast").length === 3,
      );
      expect(text.match(/BGP\.(origin|as_path|next_hop): .*/g)).toEqual(
        Array.from({ length: 2 }, () => ["BGP.origin: IGP", "BGP.as_path: 65010", `BGP.next_hop: ${hop}`]).flat(),
      );
    }
  });

  it("lose a route that is withdrawn, and no other", async () => {
    node.kill("SIGUSR2");
    for (const family of ["ipv4", "ipv6"]) {
      const read = (): unknown => frr(`show bgp ${family} unicast json`);
      await eventually(
        "FRR holds one prefix",
        read,
        (value) => Object.keys((value as { routes: object }).routes).length === 1,
      );
    }
    const text = await eventually(
      "BIRD forgets",
      () => bird("show route"),
      (all) => !all.includes("113.9/32") && !all.includes("::9/128"),
    );
    expect(text).toContain("203.0.113.7/32");
  });

  it("see a Cease with its text when the node stops", async () => {
    node.kill("SIGTERM");
    const last = { lastErrorCodeSubcode: "0602", lastShutdownDescription: "herald stops" };
    const read = (): unknown => frr("show bgp neighbors json");
    const peers = await eventually(
      "FRR saw it",
      read,
      (value) => JSON.stringify(value).split("herald stops").length === 3,
    );
    expect(peers).toMatchObject({ "192.0.2.10": last, "2001:db8::10": last });
    expect(bird("show protocols").match(/Received: Administrative shutdown/g)).toHaveLength(2);
  });
});

function pathsIn(answer: unknown): readonly unknown[] {
  const { paths } = answer as { readonly paths?: readonly unknown[] };
  return paths ?? [];
}

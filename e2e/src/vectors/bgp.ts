import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeMessage, INITIAL_CONTEXT, splitFrames } from "@herald-lb/bgp-speaker";
import { run, type Scope, startFrr, until } from "@herald-lb/lab";
import { startCapture, transportedBy } from "./capture.ts";
import { connectTwo } from "./segment.ts";

/** The attributes that a daemon was configured to send with a prefix. */
export interface ConfiguredRoute {
  readonly prefix: string;
  readonly asPath: readonly number[];
  readonly nextHop: string;
  readonly multiExitDisc?: number;
  /** As the upper and lower 16 bits. */
  readonly communities?: readonly string[];
  readonly largeCommunities?: readonly string[];
}

/** One BGP message as a daemon sent it. */
export interface BgpVector {
  readonly name: string;
  readonly source: string;
  readonly hex: string;
  readonly type: string;
  /** For an UPDATE that announces routes: what its sender was configured to announce. */
  readonly routes?: readonly ConfiguredRoute[];
}

const FRR_ROUTES: readonly ConfiguredRoute[] = [
  {
    prefix: "203.0.113.0/24",
    asPath: [65001, 65001, 65001],
    nextHop: "192.0.2.1",
    multiExitDisc: 50,
    communities: ["65001:100"],
    largeCommunities: ["65001:1:2"],
  },
  { prefix: "198.51.100.0/25", asPath: [65001], nextHop: "192.0.2.1", multiExitDisc: 0 },
  { prefix: "2001:db8:100::/48", asPath: [65001], nextHop: "2001:db8::1", multiExitDisc: 0 },
];
const BIRD_ROUTES: readonly ConfiguredRoute[] = [
  {
    prefix: "198.51.100.128/25",
    asPath: [65002],
    nextHop: "192.0.2.2",
    multiExitDisc: 20,
    communities: ["65002:7"],
    largeCommunities: ["65002:8:9"],
  },
  {
    prefix: "2001:db8:200::/48",
    asPath: [65002],
    nextHop: "2001:db8::2",
    multiExitDisc: 20,
    communities: ["65002:7"],
    largeCommunities: ["65002:8:9"],
  },
];

const FRR = `frr defaults traditional
ip route 203.0.113.0/24 blackhole
ip route 198.51.100.0/25 blackhole
ipv6 route 2001:db8:100::/48 blackhole
ip prefix-list marked seq 5 permit 203.0.113.0/24
route-map out permit 10
 match ip address prefix-list marked
 set metric 50
 set community 65001:100
 set large-community 65001:1:2
 set as-path prepend 65001 65001
route-map out permit 20
exit
router bgp 65001
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.2 remote-as 65002
 neighbor 192.0.2.2 passive
 neighbor 192.0.2.2 timers 3 9
 neighbor 2001:db8::2 remote-as 65002
 neighbor 2001:db8::2 passive
 address-family ipv4 unicast
  network 203.0.113.0/24
  network 198.51.100.0/25
  neighbor 192.0.2.2 route-map out out
  no neighbor 2001:db8::2 activate
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:100::/48
  neighbor 2001:db8::2 activate
 exit-address-family
exit
`;
const BIRD = `router id 192.0.2.2;
protocol device { }
protocol direct { ipv4; ipv6; }
filter marked {
  if source != RTS_STATIC then reject;
  bgp_med = 20;
  bgp_community.add((65002, 7));
  bgp_large_community.add((65002, 8, 9));
  bgp_ext_community.add((rt, 65002, 9));
  accept;
}
protocol static static4 { ipv4; route 198.51.100.128/25 blackhole; }
protocol static static6 { ipv6; route 2001:db8:200::/48 blackhole; }
protocol bgp frr4 { local 192.0.2.2 as 65002; neighbor 192.0.2.1 as 65001; direct; ipv4 { import all; export filter marked; next hop self; }; }
protocol bgp frr6 { local 2001:db8::2 as 65002; neighbor 2001:db8::1 as 65001; direct; ipv6 { import all; export filter marked; next hop self; }; }
`;

/** Records a session of FRR and BIRD over each family, from the OPEN messages to the NOTIFICATION messages. */
export async function recordBgp(scope: Scope): Promise<readonly BgpVector[]> {
  const [router, peer] = await connectTwo(scope, "bgp");
  const capture = await startCapture(scope, router, "bgp", "tcp port 179");
  const frr = await startFrr(scope, router, FRR);
  const file = join(scope.folder, "bird.conf");
  const control = join(scope.folder, "bird.ctl");
  writeFileSync(file, BIRD);
  scope.spawn({ name: "bird", namespace: peer.name, command: "bird", args: ["-f", "-c", file, "-s", control] });
  const bird = (command: string): Promise<string> => run("birdc", ["-s", control, ...command.split(" ")]);
  const holds = async (prefix: string): Promise<boolean> =>
    (await frr.show(`show bgp ${prefix.includes(":") ? "ipv6" : "ipv4"} unicast ${prefix} json`)).includes("nexthops");
  const learned = async (prefix: string): Promise<boolean> =>
    (await bird(`show route ${prefix}`).catch(() => "")).includes("[frr");
  await until("BIRD to answer", async () => (await bird("show status").catch(() => "")).includes("Daemon is up"));
  for (const { prefix } of BIRD_ROUTES)
    await until(`FRR to learn ${prefix}`, () => holds(prefix), { timeoutMs: 60_000 });
  for (const { prefix } of FRR_ROUTES)
    await until(`BIRD to learn ${prefix}`, () => learned(prefix), { timeoutMs: 60_000 });
  await frr.show("clear bgp ipv4 unicast 192.0.2.2 soft in");
  await bird("reload in all");
  await bird("disable static4");
  await bird("disable static6");
  for (const { prefix } of BIRD_ROUTES) await until(`FRR to lose ${prefix}`, async () => !(await holds(prefix)));
  const configure = (...lines: readonly string[]): Promise<string> =>
    run("vtysh", [
      "-N",
      router.name,
      ...["configure terminal", "router bgp 65001", ...lines].flatMap((line) => ["-c", line]),
    ]);
  await configure("address-family ipv4 unicast", "no network 203.0.113.0/24");
  await until("BIRD to lose a prefix", async () => !(await learned("203.0.113.0/24")));
  await configure("neighbor 192.0.2.2 shutdown message maintenance");
  await bird("disable frr6");
  await until("both sessions to end", async () => !(await bird("show protocols")).includes("Established"));
  await configure("no neighbor 192.0.2.2 shutdown", "neighbor 192.0.2.2 remote-as 65009");
  await bird("restart frr4");
  await until("a refused OPEN", async () => /OPEN|Bad peer AS/u.test(await bird("show protocols all frr4")), {
    timeoutMs: 60_000,
  });
  const versions = { frr: versionOf(await frr.show("show version")), bird: versionOf(await bird("show status")) };
  return vectorsOf(await capture.frames(), versions);
}

function versionOf(text: string): string {
  return /(?:FRRouting|BIRD) (\d+(?:\.\d+)+)/u.exec(text)?.[1] ?? "unknown";
}

/** Puts the segments of each sender and session together and splits them into messages; equal messages are kept once. */
function vectorsOf(
  frames: readonly Uint8Array[],
  versions: { readonly frr: string; readonly bird: string },
): readonly BgpVector[] {
  const streams = new Map<string, { readonly isFrr: boolean; octets: Uint8Array }>();
  for (const frame of frames) {
    const segment = transportedBy(frame);
    if (segment === null || segment.payload.length === 0) continue;
    const key = `${segment.source} ${segment.sourcePort} ${segment.destinationPort}`;
    const isFrr = segment.source === "192.0.2.1" || segment.source.endsWith("1");
    const stream = streams.get(key) ?? { isFrr, octets: new Uint8Array() };
    stream.octets = Uint8Array.from([...stream.octets, ...segment.payload]);
    streams.set(key, stream);
  }
  const vectors = new Map<string, BgpVector>();
  for (const { isFrr, octets } of streams.values()) {
    for (const message of splitFrames(new Uint8Array(), octets, 4096).frames) {
      const hex = Buffer.from(message).toString("hex");
      if (vectors.has(hex)) continue;
      vectors.set(hex, vectorOf(message, hex, isFrr ? `FRR ${versions.frr}` : `BIRD ${versions.bird}`, vectors.size));
    }
  }
  return [...vectors.values()];
}

const TYPES = ["", "OPEN", "UPDATE", "NOTIFICATION", "KEEPALIVE", "ROUTE-REFRESH"];

function vectorOf(message: Uint8Array, hex: string, source: string, at: number): BgpVector {
  const type = TYPES[message[18] as number] ?? "unknown";
  const name = `${at + 1} ${source.split(" ")[0]} ${type}`;
  const families = [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ];
  const decoded = decodeMessage(message, { ...INITIAL_CONTEXT, fourOctetAs: true, families });
  if (!decoded.ok || decoded.value.type !== "UPDATE") return { name, source, hex, type };
  const text = JSON.stringify(decoded.value, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  const configured = source.startsWith("FRR") ? FRR_ROUTES : BIRD_ROUTES;
  const isAnnouncement = text.includes('"AS_PATH"');
  const routes = configured.filter(({ prefix }) => isAnnouncement && text.includes(`"${prefix}"`));
  return routes.length === 0 ? { name, source, hex, type } : { name, source, hex, type, routes };
}

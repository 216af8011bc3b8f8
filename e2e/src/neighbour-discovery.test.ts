/**
 * IPv6 on the segment with the kernel as client: an entry in use is confirmed by unicast and never resolved anew, another host cannot take the address,
 * and a bridge that snoops lets solicitations through. `HERALD_NUD_SECONDS` is the time for which an entry is watched.
 */
import { BRIDGE, type Lab, type LabNode, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { segmentService } from "./failover/segment-service.ts";
import { portOf } from "./guarantees/segment-fault.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";

const assets = labAssets();
const WATCHED_SECONDS = Number(process.env["HERALD_NUD_SECONDS"] ?? 20);
/** The time for which the client believes an entry, in milliseconds: half as long to half as long again. */
const REACHABLE = 1_000;

describe.skipIf(assets === null)("an IPv6 address on the segment", () => {
  const scope = new Scope();
  let lab: Lab;
  let address = "";

  const client = (...args: readonly string[]): Promise<string> => lab.topology.client.namespace.ip("-6", ...args);
  const set = (name: string, value: number): Promise<string> =>
    lab.topology.client.namespace.run("sysctl", ["-qw", `net.ipv6.${name}=${value}`]);
  const entry = async (): Promise<{ readonly lladdr?: string; readonly state?: readonly string[] }> => {
    const text = await client("-j", "neigh", "show", "to", address);
    const [first = {}] = JSON.parse(text === "" ? "[]" : text) as readonly { readonly lladdr?: string }[];
    return first;
  };
  const untilAnnouncer = (): Promise<LabNode> =>
    until("the client to know the announcer", async () => {
      const { lladdr } = await entry();
      return lab.topology.nodes.find(({ mac }) => mac === lladdr) ?? null;
    });
  /** Sends datagrams for so many seconds, ten a second, to a port that nobody answers for: nothing but Neighbor Discovery confirms the entry. */
  const send = (seconds: number): Promise<string> =>
    lab.topology.client.namespace.run("bash", [
      "-c",
      `for i in $(seq ${seconds * 10}); do echo . > /dev/udp/${address}/9; sleep 0.1; done`,
    ]);

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(segmentService("ipFamilyPolicy: PreferDualStack, "));
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const addresses = await untilAddresses(lab, "web", 2);
    address = addresses.find((each) => each.includes(":")) ?? "";
    await untilAnswer(lab.topology.client, address);
  });
  afterAll(() => scope.close());

  it("cannot be taken by another host: its Duplicate Address Detection fails", async () => {
    await set("conf.eth0.accept_dad", 1);
    await client("addr", "add", `${address}/64`, "dev", "eth0");
    try {
      const isRefused = async (): Promise<boolean> => (await client("addr", "show", "dadfailed")).includes(address);
      await until("the address to be found in use", isRefused);
    } finally {
      await client("addr", "del", `${address}/64`, "dev", "eth0");
    }
    await untilAnswer(lab.topology.client, address);
  });

  it("is confirmed by unicast for as long as it is used, and never resolved by multicast again", async () => {
    // No rule of kube-proxy is for the port: the node would send redirects, which make the client believe the entry anew.
    const quiet = `table inet quiet { chain in { type filter hook prerouting priority -300; udp dport 9 drop; }; }`;
    for (const { namespace } of lab.topology.nodes) await namespace.run("nft", ["-f", "-"], quiet);
    await set("neigh.eth0.base_reachable_time_ms", REACHABLE);
    await set("neigh.eth0.delay_first_probe_time", 1);
    // An entry made before keeps the time it was made with.
    await client("neigh", "flush", "to", address);
    await send(1);
    const { mac } = await untilAnnouncer();
    const capture = scope.spawn({
      name: "tcpdump-solicitations",
      namespace: lab.topology.client.namespace.name,
      command: "tcpdump",
      args: ["-i", "eth0", "--immediate-mode", "-Z", "root", "-lnet", "icmp6"],
    });
    await until("tcpdump to listen", () => capture.output().includes("listening on"));
    await send(WATCHED_SECONDS);
    await capture.stop("SIGINT");
    const lines = capture.output().split("\n");
    const [link] = JSON.parse(await client("-j", "link", "show", "eth0")) as readonly { readonly address: string }[];
    // The node looks for the address as well, when it forwards what no rule of kube-proxy is for.
    const isByClient = (line: string): boolean => line.startsWith(`${link?.address} > `);
    const solicitations = lines.filter((line) => line.includes(`who has ${address}`) && isByClient(line));
    const unicast = solicitations.filter((line) => line.includes(`> ${mac}`));
    expect(solicitations.filter((line) => !unicast.includes(line))).toEqual([]);
    // Every one and a half times REACHABLE at the latest the entry is old, and it is asked about after a second.
    expect(unicast.length).toBeGreaterThanOrEqual(
      Math.floor((WATCHED_SECONDS * 1_000) / (1.5 * REACHABLE + 1_000)) - 1,
    );
    const answers = lines.filter((line) => line.includes(`neighbor advertisement, tgt is ${address}`));
    expect(answers.length).toBeGreaterThanOrEqual(unicast.length - 1);
    expect((await entry()).lladdr).toBe(mac);
    process.stderr.write(
      `${WATCHED_SECONDS} s of datagrams: ${unicast.length} unicast solicitations, ${answers.length} answers, none by multicast\n`,
    );
  });

  it("is found behind a bridge that snoops, with a querier: the announcer has reported its group", async () => {
    const { segment } = lab.topology;
    const snoop = [
      "mcast_snooping",
      "1",
      "mcast_querier",
      "1",
      "mcast_query_interval",
      "200",
      "mcast_startup_query_interval",
      "100",
    ];
    await segment.ip("link", "set", BRIDGE, "type", "bridge", ...snoop);
    const { name } = await untilAnnouncer();
    await until("the bridge to know who listens", async () => {
      const entries = (await segment.run("bridge", ["mdb", "show", "dev", BRIDGE])).split("\n");
      return entries.some((line) => line.includes(`port ${portOf({ name })} grp ${groupOf(address)} `));
    });
    // Nothing is flooded: what arrives was forwarded by the group.
    for (const node of lab.topology.nodes)
      await segment.run("bridge", ["link", "set", "dev", portOf(node), "mcast_flood", "off"]);
    await client("neigh", "flush", "to", address);
    await untilAnswer(lab.topology.client, address);
    expect((await untilAnnouncer()).name).toBe(name);
  });
});

/** The solicited-node group of an address, RFC 4291 §2.7.1, as iproute2 writes it. */
function groupOf(address: string): string {
  const last = address.split(":").at(-1) ?? "";
  return `ff02::1:ff00:${last}`;
}

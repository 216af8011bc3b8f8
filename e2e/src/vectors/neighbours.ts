import { type Namespace, run, type Scope } from "@herald-lb/lab";
import { startCapture } from "./capture.ts";
import { connectTwo } from "./segment.ts";

/** One frame that the kernel, or arping of iputils, sent. */
export interface NeighbourVector {
  readonly name: string;
  readonly source: string;
  readonly hex: string;
  /** The fields that tshark read in it. */
  readonly value: Readonly<Record<string, string>>;
}

const FIELDS = [
  "arp.opcode",
  "arp.src.hw_mac",
  "arp.src.proto_ipv4",
  "arp.dst.proto_ipv4",
  "icmpv6.type",
  "ipv6.src",
  "ipv6.dst",
  "icmpv6.nd.ns.target_address",
  "icmpv6.nd.na.target_address",
  "icmpv6.nd.na.flag.r",
  "icmpv6.nd.na.flag.s",
  "icmpv6.nd.na.flag.o",
];

/** Records ARP and Neighbor Discovery: resolution, reachability probes, duplicate address detection, announcements. */
export async function recordNeighbours(scope: Scope): Promise<readonly NeighbourVector[]> {
  const [one, two] = await connectTwo(scope, "nd");
  const capture = await startCapture(scope, one, "nd", "arp or icmp6[0] == 135 or icmp6[0] == 136");
  await reach(two, "192.0.2.1");
  await reach(two, "2001:db8::1");
  await reach(one, "2001:db8::2");
  await two.run("sysctl", [
    "-qw",
    "net.ipv6.conf.all.accept_dad=1",
    "net.ipv6.conf.eth0.accept_dad=1",
    "net.ipv6.conf.eth0.ndisc_notify=1",
    "net.ipv4.conf.eth0.arp_notify=1",
  ]);
  await two.ip("addr", "add", "2001:db8::22/64", "dev", "eth0");
  await two.ip("link", "set", "eth0", "down");
  await two.ip("link", "set", "eth0", "up");
  await reach(two, "192.0.2.1");
  await two.run("arping", ["-c1", "-D", "-I", "eth0", "192.0.2.99"]).catch(() => "");
  await two.run("arping", ["-c1", "-U", "-I", "eth0", "192.0.2.2"]).catch(() => "");
  await two.run("arping", ["-c1", "-A", "-I", "eth0", "192.0.2.2"]).catch(() => "");
  await reach(two, "2001:db8::1");
  const kernel = (await run("uname", ["-r"])).trim().replace(/-.*$/u, "");
  const seen = new Map<string, NeighbourVector>();
  const frames = await capture.frames();
  const values = await capture.fields(FIELDS);
  for (const [at, frame] of frames.entries()) {
    const hex = Buffer.from(frame).toString("hex");
    const value = values[at] ?? {};
    if (!seen.has(hex)) seen.set(hex, { name: `${seen.size + 1}`, source: `Linux ${kernel}`, hex, value });
  }
  return [...seen.values()];
}

/** Has the kernel resolve an address: a connection to a closed port is refused at once. */
async function reach(from: Namespace, address: string): Promise<void> {
  const host = address.includes(":") ? `[${address}]` : address;
  await from.run("curl", ["-sg", "--max-time", "5", `http://${host}:9/`]).catch(() => "");
}

/**
 * The neighbour entries of a Linux client after each form of announcement and answer: the forms that Herald sends, and those that it could
 * send instead. The kernel is the client; frames come from Herald's own codec.
 */
import {
  announcementFrames,
  arpProbeFrame,
  duplicateAddressDetectionFrame,
  encodeArp,
  encodeEthernet,
  encodeIpv6,
  encodeNdp,
  EtherType,
  type NdpOption,
  Operation,
} from "@herald-lb/arp-responder";
import {
  createPollLoop,
  inNetworkNamespace,
  openPacketSocket,
  type PacketSocket,
  readInterfaces,
} from "@herald-lb/host";
import { Namespace, Scope, until } from "@herald-lb/lab";
import { type IpAddress, type Ipv4Address, type Ipv6Address, isIpv6, type MacAddress } from "@herald-lb/sansio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const CLIENT = "02:00:5e:00:53:01" as MacAddress;
const OLD = "02:00:5e:00:53:02" as MacAddress;
const NEW = "02:00:5e:00:53:03" as MacAddress;
const BROADCAST = "ff:ff:ff:ff:ff:ff" as MacAddress;
const ALL_NODES_MAC = "33:33:00:00:00:01" as MacAddress;
const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6);
const CLIENT4 = "192.0.2.100" as Ipv4Address;
const CLIENT6 = "2001:db8::100" as Ipv6Address;
const ALL_NODES = "ff02::1" as Ipv6Address;
const VIP4 = "192.0.2.10" as Ipv4Address;
const VIP6 = "2001:db8::10" as Ipv6Address;
/** Entries that a last frame changes, so that it is known when the frame before it was read. */
const MARK4 = "192.0.2.11" as IpAddress;
const MARK6 = "2001:db8::11" as Ipv6Address;

/** An ARP Reply for the address. */
function replyFrame(to: MacAddress, targetHardwareAddress: MacAddress, targetProtocolAddress: Ipv4Address): Uint8Array {
  const sender = { senderHardwareAddress: NEW, senderProtocolAddress: VIP4 };
  const payload = encodeArp({ operation: Operation.Reply, ...sender, targetHardwareAddress, targetProtocolAddress });
  return encodeEthernet({ destination: to, source: NEW, etherType: EtherType.Arp, payload });
}

interface Advertised {
  readonly to?: "all" | "client";
  readonly flags?: string;
  readonly options?: readonly NdpOption[];
  readonly hopLimit?: number;
  readonly target?: Ipv6Address;
}

/** A Neighbor Advertisement; `flags` are R, S and O. */
function advertisement({ to = "all", flags = "O", options, hopLimit = 255, target = VIP6 }: Advertised): Uint8Array {
  const destination = to === "all" ? ALL_NODES : CLIENT6;
  const addresses = { source: target, destination };
  const message = encodeNdp(addresses, {
    type: "NeighborAdvertisement",
    router: flags.includes("R"),
    solicited: flags.includes("S"),
    override: flags.includes("O"),
    reserved: 0,
    targetAddress: target,
    options: options ?? [{ type: "TargetLinkLayerAddress", address: NEW }],
  });
  const payload = encodeIpv6({ ...addresses, trafficClass: 0, flowLabel: 0, nextHeader: 58, hopLimit }, message);
  const to48 = to === "all" ? ALL_NODES_MAC : CLIENT;
  return encodeEthernet({ destination: to48, source: NEW, etherType: EtherType.Ipv6, payload });
}

const [request, reply] = announcementFrames(VIP4, NEW) as readonly [Uint8Array, Uint8Array];
const [unsolicited] = announcementFrames(VIP6, NEW) as readonly [Uint8Array];

/** A frame, and the entry that becomes of a reachable one, of none by default, and of none where the client learns from what it did not ask for. */
type Row = readonly [name: string, frame: Uint8Array, existing: string, absent: string, accepted: string];

const ARP_ROWS: readonly Row[] = [
  ["Herald's announcement, a Request", request, "new STALE", "none", "new STALE"],
  ["Herald's announcement, a Reply", reply, "new STALE", "none", "new STALE"],
  ["a Reply with the sender as target", replyFrame(BROADCAST, NEW, VIP4), "new STALE", "none", "new STALE"],
  ["Herald's answer, a unicast Reply", replyFrame(CLIENT, CLIENT, CLIENT4), "new REACHABLE", "none", "new REACHABLE"],
  ["Herald's probe, an ARP Probe", arpProbeFrame(VIP4, NEW), "old REACHABLE", "none", "none"],
];
const NDP_ROWS: readonly Row[] = [
  ["Herald's announcement", unsolicited, "new STALE", "none", "new STALE"],
  ["an advertisement without Override", advertisement({ flags: "" }), "old STALE", "none", "new STALE"],
  ["one without a link-layer address", advertisement({ options: [] }), "old REACHABLE", "none", "none"],
  ["one to all nodes that claims to be solicited", advertisement({ flags: "SO" }), "old REACHABLE", "none", "none"],
  ["one with a hop limit of 64", advertisement({ hopLimit: 64 }), "old REACHABLE", "none", "none"],
  ["Herald's answer, solicited", advertisement({ to: "client", flags: "SO" }), "new REACHABLE", "none", "new STALE"],
  ["an unsolicited one to the client", advertisement({ to: "client" }), "new STALE", "none", "new STALE"],
  ["one of a router", advertisement({ flags: "RO" }), "new STALE router", "none", "new STALE router"],
  [
    "Herald's probe, a solicitation from ::",
    duplicateAddressDetectionFrame(VIP6, NEW, NONCE),
    "old REACHABLE",
    "none",
    "none",
  ],
];

describe("the neighbour entry of a Linux client", () => {
  const scope = new Scope();
  const sockets = new Map<"ARP" | "NDP", PacketSocket>();
  let client: Namespace;

  const set = (name: string, value: number): Promise<string> => client.run("sysctl", ["-qw", `${name}=${value}`]);
  const entryOf = async (address: IpAddress): Promise<string> => {
    const text = await client.ip("-j", "neigh", "show", "to", address);
    type Entry = { readonly lladdr?: string; readonly state: readonly string[]; readonly router?: null };
    const [entry] = JSON.parse(text === "" ? "[]" : text) as readonly Entry[];
    if (entry?.lladdr === undefined) return "none";
    const mac = { [OLD]: "old", [NEW]: "new" }[entry.lladdr] ?? entry.lladdr;
    return [mac, ...entry.state, ...("router" in entry ? ["router"] : [])].join(" ");
  };
  /** Gives the client an entry, or none. */
  const place = async (address: IpAddress, mac: MacAddress | null): Promise<void> => {
    await client.ip("neigh", "replace", address, "lladdr", OLD, "nud", "reachable", "dev", "eth0");
    if (mac === null) await client.ip("neigh", "del", address, "dev", "eth0");
  };
  /** Sends a frame, and returns the entry when the client has read it. */
  const after = async (frame: Uint8Array, address: IpAddress, before: MacAddress | null): Promise<string> => {
    const protocol = isIpv6(address) ? "NDP" : "ARP";
    const mark = isIpv6(address) ? MARK6 : MARK4;
    await place(address, before);
    await place(mark, OLD);
    for (const octets of [frame, ...announcementFrames(mark, NEW)])
      expect(sockets.get(protocol)?.send(octets).ok).toBe(true);
    await until("the client to read the frame", async () => (await entryOf(mark)).startsWith("new"));
    return entryOf(address);
  };

  beforeAll(async () => {
    client = await Namespace.create(scope, "client");
    const sender = await Namespace.create(scope, "sender");
    const addresses = [`${CLIENT4}/24`, `${CLIENT6}/64`];
    await sender.connectTo(
      client,
      { interface: "eth0", addresses: [], mac: NEW },
      { interface: "eth0", addresses, mac: CLIENT },
    );
    // A change within a second of the last would be passed over, and an entry could age between a frame and the look.
    await set("net.ipv4.neigh.eth0.locktime", 0);
    await set("net.ipv4.neigh.eth0.base_reachable_time_ms", 600_000);
    await set("net.ipv6.neigh.eth0.base_reachable_time_ms", 600_000);
    await set("net.ipv6.conf.eth0.accept_untracked_na", 1);
    const addressed = async (...which: readonly string[]): Promise<string> =>
      client.ip("-6", "addr", "show", "dev", "eth0", ...which);
    await until("the client to speak IPv6", async () => {
      return (await addressed("scope", "link")) !== "" && (await addressed("tentative")) === "";
    });
    const loop = createPollLoop();
    inNetworkNamespace(sender.name, () => {
      const interfaces = readInterfaces();
      if (!interfaces.ok) throw new Error(interfaces.error.code);
      const index = interfaces.value.find(({ name }) => name === "eth0")?.index ?? 0;
      for (const protocol of ["ARP", "NDP"] as const) {
        const socket = openPacketSocket(loop, { interfaceIndex: index, protocol, onFrame: () => {}, onGone: () => {} });
        if (!socket.ok) throw new Error(`${socket.error.syscall}: ${socket.error.code}`);
        sockets.set(protocol, socket.value);
        scope.defer(`the ${protocol} socket`, async () => socket.value.close());
      }
    });
  });
  afterAll(() => scope.close());

  it.each(ARP_ROWS)("after %s", async (_, frame, existing, absent, accepted) => {
    expect(await after(frame, VIP4, OLD)).toBe(existing);
    await set("net.ipv4.conf.eth0.arp_accept", 0);
    expect(await after(frame, VIP4, null)).toBe(absent);
    await set("net.ipv4.conf.eth0.arp_accept", 1);
    expect(await after(frame, VIP4, null)).toBe(accepted);
  });

  it.each(NDP_ROWS)("after %s of Neighbor Discovery", async (_, frame, existing, absent, accepted) => {
    expect(await after(frame, VIP6, OLD)).toBe(existing);
    await set("net.ipv6.conf.eth0.forwarding", 0);
    expect(await after(frame, VIP6, null)).toBe(absent);
    // RFC 9131 is for routers.
    await set("net.ipv6.conf.eth0.forwarding", 1);
    expect(await after(frame, VIP6, null)).toBe(accepted);
  });
});

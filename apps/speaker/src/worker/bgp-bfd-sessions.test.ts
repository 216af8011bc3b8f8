import { decodeControlPacket } from "@herald-lb/bfd";
import type { SystemError } from "@herald-lb/host";
import type { BgpBfdSession } from "@herald-lb/k8s-glue/announce";
import { err, instant, type IpAddress, ok, type Result } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { BgpBfdSessions, type BgpBfdSocket, type BgpBfdSocketOptions } from "./bgp-bfd-sessions.ts";
import type { BgpBfdReport } from "./protocol.ts";

const [NODE, ROUTER] = ["192.0.2.10", "192.0.2.1"] as unknown as readonly [IpAddress, IpAddress];

/** A network of two hosts; datagrams take a millisecond. */
class Network {
  readonly clock: VirtualClock = createVirtualClock();
  readonly hosts: Host[] = [];
  isCut = false;
  ttl = 255;

  deliver(to: IpAddress, port: number, act: (socket: BgpBfdSocketOptions) => void): void {
    if (this.isCut) return;
    this.clock.wakeAt(instant(this.clock.now() + 1), () => {
      const host = this.hosts.find(({ address }) => address === to);
      const socket = [...(host?.sockets ?? [])].find((each) => each.port === port);
      if (socket !== undefined && (socket.minTtl === null || this.ttl >= socket.minTtl)) act(socket);
    });
  }
}

/** One host, and what its sessions did. */
class Host {
  readonly sockets = new Set<BgpBfdSocketOptions>();
  readonly sent: { readonly port: number; readonly from: number; readonly state: string; readonly poll: boolean }[] =
    [];
  readonly ignored: string[] = [];
  readonly interfaces = new Map<string, number>();
  readonly sessions: BgpBfdSessions;
  reports: readonly BgpBfdReport[] = [];
  history: string[] = [];
  failure: string | null = null;
  scopeId = 0;
  readonly address: IpAddress;
  readonly #network: Network;

  constructor(network: Network, address: IpAddress, seed: number) {
    this.#network = network;
    this.address = address;
    network.hosts.push(this);
    this.sessions = new BgpBfdSessions({
      clock: network.clock,
      seed: new Uint8Array(32).fill(seed),
      openSocket: (options) => this.#open(options),
      interfaceIndex: (name) => this.interfaces.get(name) ?? null,
      onReport: (reports) => {
        this.reports = structuredClone(reports);
        const state = reports[0]?.state ?? "none";
        if (this.history.at(-1) !== state) this.history.push(state);
      },
      onIgnored: (reason) => void this.ignored.push(reason),
    });
  }

  get state(): string | undefined {
    return this.reports[0]?.state;
  }

  #open(options: BgpBfdSocketOptions): Result<BgpBfdSocket, SystemError> {
    if (this.failure !== null) return err({ syscall: "bind", code: this.failure, errno: 98 });
    this.sockets.add(options);
    return ok({
      send: (octets, to) => {
        const packet = decodeControlPacket(octets);
        if (!packet.ok) throw new Error("malformed");
        this.sent.push({ port: to.port, from: options.port, state: packet.value.state, poll: packet.value.poll });
        const copy = octets.slice();
        this.#network.deliver(to.address, to.port, (socket) =>
          socket.onDatagram(
            copy,
            { address: this.address, scopeId: this.scopeId },
            socket.minTtl === null ? this.#network.ttl : null,
          ),
        );
      },
      close: () => void this.sockets.delete(options),
    });
  }
}

const session = (remote: IpAddress, more: Partial<BgpBfdSession> = {}): BgpBfdSession => ({
  key: `to ${remote}`,
  remote,
  hops: "single",
  sourceAddress: null,
  interface: null,
  vrf: null,
  desiredMinTxInterval: 100,
  requiredMinRxInterval: 100,
  detectMult: 3,
  role: "active",
  minimumTtl: 254,
  ...more,
});

function running(more: Partial<BgpBfdSession> = {}): readonly [Network, Host, Host] {
  const network = new Network();
  const [node, router] = [new Host(network, NODE, 1), new Host(network, ROUTER, 200)];
  node.sessions.desire([session(ROUTER, more)]);
  const { hops = "single", minimumTtl = 254 } = more;
  router.sessions.desire([session(NODE, { hops, minimumTtl })]);
  network.clock.advanceBy(5_000);
  return [network, node, router];
}

describe("BFD sessions with routers", () => {
  it.each([
    { hops: "single", port: 3_784 },
    { hops: "multi", port: 4_784 },
  ] as const)("come up over $hops: port $port, one source port each from 49152 on", ({ hops, port }) => {
    const [, node, router] = running({ hops });
    expect([node.state, router.state]).toEqual(["Up", "Up"]);
    expect(new Set(node.sent.map((packet) => packet.port))).toEqual(new Set([port]));
    const [source, ...others] = new Set(node.sent.map(({ from }) => from));
    expect([source !== undefined && source >= 49_152, others]).toEqual([true, []]);
    expect([...node.sockets].map((socket) => [socket.address, socket.minTtl])).toEqual([
      ["0.0.0.0", hops === "single" ? 255 : null],
      ["0.0.0.0", 255],
    ]);
  });

  it("are lost after the detection time, and come up again", () => {
    const [network, node] = running();
    network.isCut = true;
    network.clock.advanceBy(190);
    expect(node.state).toBe("Up");
    network.clock.advanceBy(112);
    expect(node.reports).toMatchObject([{ state: "Down", diagnostic: 1, ups: 1, downs: 1 }]);
    network.isCut = false;
    network.clock.advanceBy(5_000);
    expect(node.reports).toMatchObject([{ state: "Up", ups: 2, downs: 1 }]);
  });

  it("over several hops take nothing below their own least TTL", () => {
    const [network, node] = running({ hops: "multi", minimumTtl: 250 });
    network.ttl = 250;
    network.clock.advanceBy(5_000);
    expect(node.state).toBe("Up");
    network.ttl = 249;
    network.clock.advanceBy(1_000);
    expect(node.state).toBe("Down");
    expect(node.ignored).toContain("LowTtl");
  });

  it("outlive a change of their options by a Poll Sequence", () => {
    const [network, node, router] = running();
    const before = node.sent.length;
    node.sessions.desire([session(ROUTER, { desiredMinTxInterval: 400, requiredMinRxInterval: 20, detectMult: 5 })]);
    network.clock.advanceBy(5_000);
    expect(node.sent.slice(before).some(({ poll }) => poll)).toBe(true);
    for (const host of [node, router]) expect(host.history.filter((state) => state === "Up")).toHaveLength(1);
    expect([node.state, router.state]).toEqual(["Up", "Up"]);
  });

  it("say AdminDown when they are wanted no more, for as long as it may take, and close their sockets", () => {
    const [network, node, router] = running();
    node.sessions.desire([]);
    expect(node.sent.at(-1)?.state).toBe("AdminDown");
    expect(node.reports).toEqual([]);
    network.clock.advanceBy(50);
    expect(router.reports).toMatchObject([{ state: "Down", diagnostic: 3, remoteState: "AdminDown" }]);
    network.clock.advanceBy(10_000);
    expect(node.sockets.size).toBe(0);
    node.sessions.desire([session(ROUTER)]);
    network.clock.advanceBy(5_000);
    expect(node.state).toBe("Up");
  });

  it("keep their socket where they are wanted again soon", () => {
    const [network, node] = running();
    const from = node.sent.at(-1)?.from;
    node.sessions.desire([]);
    network.clock.advanceBy(1_000);
    node.sessions.desire([session(ROUTER)]);
    network.clock.advanceBy(20_000);
    expect([node.state, node.sent.at(-1)?.from]).toEqual(["Up", from]);
  });

  it("say AdminDown at the end", () => {
    const [network, node, router] = running();
    node.sessions.close();
    expect(node.sockets.size).toBe(0);
    network.clock.advanceBy(50);
    expect(router.reports).toMatchObject([{ state: "Down", remoteState: "AdminDown" }]);
  });

  it("report the socket that cannot be opened, and come up once it can", () => {
    const network = new Network();
    const [node, router] = [new Host(network, NODE, 1), new Host(network, ROUTER, 200)];
    node.failure = "EADDRNOTAVAIL";
    node.sessions.desire([session(ROUTER, { sourceAddress: NODE })]);
    router.sessions.desire([session(NODE)]);
    expect(node.reports).toMatchObject([{ state: "Down", problem: "bind: EADDRNOTAVAIL" }]);
    node.failure = null;
    network.clock.advanceBy(6_000);
    node.sessions.report();
    expect(node.reports).toMatchObject([{ state: "Up", problem: null }]);
    expect([...node.sockets].map(({ address }) => address)).toEqual(["0.0.0.0", NODE]);
  });

  it("in a VRF bind to its device, and take packets from there alone", () => {
    const network = new Network();
    const [node, router] = [new Host(network, NODE, 1), new Host(network, ROUTER, 200)];
    node.sessions.desire([session(ROUTER, { vrf: "red" })]);
    router.sessions.desire([session(NODE)]);
    expect(node.reports).toMatchObject([{ problem: "no interface is named red" }]);
    node.interfaces.set("red", 9);
    network.clock.advanceBy(5_000);
    expect(node.state).toBe("Up");
    const opened = (): readonly unknown[] =>
      [...node.sockets].filter(({ port }) => port === 3_784).map(({ vrf, reuseAddress }) => [vrf, reuseAddress]);
    expect(opened()).toEqual([["red", true]]);
    node.sessions.desire([session(ROUTER, { vrf: "red" }), session(ROUTER, { key: "outside" })]);
    expect(opened()).toEqual([
      ["red", true],
      [null, true],
    ]);
    node.sessions.desire([session(ROUTER, { key: "outside" })]);
    expect(opened()).toEqual([[null, false]]);
  });

  it("with a link-local router wait for its interface, and take its packets from there alone", () => {
    const network = new Network();
    const [near, far] = ["fe80::10", "fe80::1"] as unknown as readonly [IpAddress, IpAddress];
    const [node, router] = [new Host(network, near, 1), new Host(network, far, 200)];
    router.interfaces.set("eth0", 2);
    router.scopeId = 7;
    node.scopeId = 2;
    node.sessions.desire([session(far, { interface: "eth1" })]);
    router.sessions.desire([session(near, { interface: "eth0" })]);
    network.clock.advanceBy(3_000);
    expect(node.reports).toMatchObject([{ state: "Down", problem: "no interface is named eth1" }]);
    node.interfaces.set("eth1", 6);
    network.clock.advanceBy(5_000);
    expect(node.state).toBe("Down");
    router.scopeId = 6;
    network.clock.advanceBy(5_000);
    node.sessions.report();
    expect(node.reports).toMatchObject([{ state: "Up", problem: null }]);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type IpAddress, instant, type Ipv6Address, parseIpAddress } from "@herald-lb/sansio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NetworkInterface } from "./interface-table.ts";
import { openMulticastMembership } from "./multicast.ts";
import { inNetworkNamespace } from "./network-namespace.ts";
import { openPacketSocket } from "./packet-socket.ts";
import { createPollLoop } from "./poll-loop.ts";
import { readInterfaces, watchInterfaces } from "./route-netlink.ts";
import { connectTcp, listenTcp } from "./tcp.ts";
import { openUdpSocket } from "./udp-socket.ts";
import { startWorker, type WorkerHandle } from "./worker-handle.ts";

const here = `herald-${process.pid}-here`;
const there = `herald-${process.pid}-there`;
const root = process.getuid?.() === 0;
if (!root) {
  if (process.env["CI"] === "true") throw new Error("these tests need root");
  process.stderr.write("skipped: the kernel tests of host need root for network namespaces\n");
}

const ip = (...args: string[]): void => void execFileSync("ip", args);
const address = (text: string): IpAddress => {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
};
const link = (): void => {
  ip("-n", here, "link", "add", "eth", "type", "veth", "peer", "name", "eth", "netns", there);
  ip("-n", here, "addr", "add", "192.0.2.1/24", "dev", "eth");
  ip("-n", there, "addr", "add", "192.0.2.2/24", "dev", "eth");
  for (const [namespace, suffix] of [
    [here, 1],
    [there, 2],
  ] as const) {
    ip("-n", namespace, "addr", "add", `2001:db8::${suffix}/64`, "dev", "eth", "nodad");
    ip("-n", namespace, "link", "set", "eth", "up");
  }
};
const arping = (target: string): string =>
  spawnSync("ip", ["netns", "exec", there, "arping", "-f", "-w", "3", "-I", "eth", target], { encoding: "utf8" })
    .stdout;

type Told = { type: string; interfaces?: readonly NetworkInterface[]; message?: string };
const told: Told[] = [];
let changed = (): void => {};
async function until(condition: () => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(5000);
  while (!condition()) {
    if (deadline.aborted) throw new Error(`not told within 5 s; told ${JSON.stringify(told)}`);
    await Promise.race([
      new Promise<void>((resolve) => {
        changed = resolve;
      }),
      once(deadline, "abort"),
    ]);
  }
}

describe.skipIf(!root)("with the kernel", () => {
  let worker: WorkerHandle<string>;
  let exit: { code: number; error: Error | null } | null = null;

  beforeAll(async () => {
    for (const namespace of [here, there]) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      // A peer that still checks its own link-local address solicits nobody.
      ip("netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
    }
    link();
    worker = startWorker<string, Told>({
      module: new URL("testing/responder-worker.ts", import.meta.url),
      data: { namespace: here },
      execArgv: ["--conditions=@herald-lb/source"],
      onMessage: (message) => {
        told.push(message);
        changed();
      },
      onExit: (code, error) => {
        exit = { code, error };
        changed();
      },
    });
    await until(() => told.some(({ type }) => type === "Bound") || exit !== null);
  });

  afterAll(() => {
    for (const namespace of [here, there]) ip("netns", "del", namespace);
  });

  it("answers arping for an address that the kernel does not own, and a posted message wakes the loop", async () => {
    expect(exit).toBeNull();
    expect(arping("192.0.2.77")).toContain("reply from 192.0.2.77");
    worker.post("hello");
    await until(() => told.some(({ message }) => message === "hello"));
  });

  it("goes on after the link went down and came up", async () => {
    ip("-n", here, "link", "set", "eth", "down");
    const eth = (): NetworkInterface | undefined =>
      told.findLast(({ type }) => type === "Interfaces")?.interfaces?.find(({ name }) => name === "eth");
    await until(() => eth()?.up === false);
    ip("-n", here, "link", "set", "eth", "up");
    await until(() => eth()?.up === true && eth()?.carrier === true);
    expect(arping("192.0.2.78")).toContain("reply from 192.0.2.78");
  });

  it("tells that the interface was deleted, and binds to the one created anew", async () => {
    const before = told.filter(({ type }) => type === "Bound").length;
    ip("-n", here, "link", "del", "eth");
    await until(() => told.some(({ type }) => type === "Gone"));
    link();
    await until(() => told.filter(({ type }) => type === "Bound").length > before);
    expect(arping("192.0.2.79")).toContain("reply from 192.0.2.79");
    expect(told.filter(({ type }) => type === "Failed")).toEqual([]);
  });

  it("reads the interfaces of a namespace at once", () => {
    const read = inNetworkNamespace(there, readInterfaces);
    if (!read.ok) throw new Error(read.error.code);
    const eth = read.value.find(({ name }) => name === "eth");
    expect(eth).toMatchObject({ kind: "veth", up: true, broadcast: true, noArp: false, master: null });
    expect(eth?.addresses).toContainEqual({ address: "192.0.2.2", prefixLength: 24, scope: "global" });
    expect(eth?.addresses).toContainEqual({ address: "2001:db8::2", prefixLength: 64, scope: "global" });
  });

  it("finds every change again after more events than the socket holds", () => {
    const count = 3000;
    const loop = createPollLoop();
    let addresses = 0;
    const watch = inNetworkNamespace(there, () =>
      watchInterfaces(loop, {
        onError: (error) => {
          throw new Error(error.code);
        },
        onChange: (interfaces) => {
          const found = interfaces.find(({ name }) => name === "lo")?.addresses ?? [];
          addresses = found.filter(({ address }) => address.startsWith("198.51.")).length;
          if (addresses === count) loop.stop();
        },
      }),
    );
    // The loop does not run yet, so that the events pile up in the socket.
    const lines = Array.from({ length: count }, (_, n) => `addr add 198.51.${100 + (n >> 8)}.${n & 255}/32 dev lo`);
    execFileSync("ip", ["-n", there, "-batch", "-"], { input: lines.join("\n") });
    loop.clock.wakeAt(instant(loop.clock.now() + 5000), loop.stop);
    loop.run();
    expect(addresses).toBe(count);
    if (watch.ok) watch.value();
  });

  it("joins a group once for several users and leaves with the last", () => {
    const group = address("ff02::1:ff00:77") as Ipv6Address;
    const index = inNetworkNamespace(there, readInterfaces);
    if (!index.ok) throw new Error(index.error.code);
    const eth = index.value.find(({ name }) => name === "eth") as NetworkInterface;
    const member = (): boolean =>
      execFileSync("ip", ["-n", there, "-6", "maddr", "show", "dev", "eth"], { encoding: "utf8" }).includes(group);
    inNetworkNamespace(there, () => {
      const groups = openMulticastMembership(eth.index);
      expect(groups.join(group)).toMatchObject({ ok: true });
      expect(groups.join(group)).toMatchObject({ ok: true });
      expect(member()).toBe(true);
      groups.leave(group);
      expect(member()).toBe(true);
      groups.leave(group);
      expect(member()).toBe(false);
      groups.close();
    });
  });

  it("hears a unicast solicitation for an address that the kernel does not own", () => {
    const interfaces = inNetworkNamespace(here, readInterfaces);
    if (!interfaces.ok) throw new Error(interfaces.error.code);
    const eth = interfaces.value.find(({ name }) => name === "eth") as NetworkInterface;
    const loop = createPollLoop();
    const received: string[] = [];
    const opened = inNetworkNamespace(here, () =>
      openPacketSocket(loop, {
        interfaceIndex: eth.index,
        protocol: "NDP",
        onGone: () => loop.stop(),
        onFrame: (frame) => {
          const target = Buffer.from(frame.subarray(62, 78)).toString("hex");
          received.push(target);
          if (target === "20010db8000000000000000000000099") loop.stop();
        },
      }),
    );
    expect(opened.ok).toBe(true);
    loop.clock.wakeAt(instant(loop.clock.now() + 5000), loop.stop);
    // An entry in state PROBE makes the peer's kernel solicit by unicast.
    ip("-n", there, "neigh", "replace", "2001:db8::99", "lladdr", String(eth.mac), "dev", "eth", "nud", "probe");
    loop.run();
    expect(received).toContain("20010db8000000000000000000000099");
    if (opened.ok) opened.value.close();
  });

  it("carries datagrams of both families, drops those whose TTL is too low, and tells the TTL of the others", () => {
    for (const text of ["127.0.0.1", "::1"]) {
      const loop = createPollLoop();
      const got: string[] = [];
      const opened = inNetworkNamespace(here, () => {
        const receiver = openUdpSocket(loop, {
          address: address(text),
          port: 0,
          minTtl: 254,
          receiveTtl: true,
          onDatagram: (octets, from, ttl) => {
            got.push(`${Buffer.from(octets).toString()} ${from.address} ${from.port} ${ttl}`);
            if (got.length === 2) loop.stop();
          },
        });
        const near = openUdpSocket(loop, { address: address(text), port: 0, ttl: 255, onDatagram: () => {} });
        const far = openUdpSocket(loop, { address: address(text), port: 0, ttl: 253, onDatagram: () => {} });
        const next = openUdpSocket(loop, { address: address(text), port: 0, ttl: 254, onDatagram: () => {} });
        if (!next.ok || !receiver.ok || !near.ok || !far.ok) throw new Error("cannot open");
        return [receiver.value, near.value, far.value, next.value] as const;
      });
      const [receiver, near, far, next] = opened;
      expect(far.send(Buffer.from("far"), receiver.local).ok).toBe(true);
      expect(near.send(Buffer.from("near"), receiver.local).ok).toBe(true);
      expect(next.send(Buffer.from("on"), receiver.local).ok).toBe(true);
      loop.clock.wakeAt(instant(loop.clock.now() + 5000), loop.stop);
      loop.run();
      expect(got).toEqual([`near ${text} ${near.local.port} 255`, `on ${text} ${next.local.port} 254`]);
      for (const socket of opened) socket.close();
    }
  });

  it("connects with the right MD5 key and not with a wrong one", async () => {
    for (const [family, server, client] of [
      ["v4", "192.0.2.1", "192.0.2.2"],
      ["v6", "2001:db8::1", "2001:db8::2"],
    ] as const) {
      const listener = inNetworkNamespace(here, () =>
        listenTcp({
          address: address(server),
          port: 1179,
          ttl: 255,
          minTtl: 255,
          md5Keys: [{ peer: address(client), password: "right" }],
          onConnection: (socket) => void socket.resume().end("welcome"),
        }),
      );
      if (!listener.ok) throw new Error(`${family} ${JSON.stringify(listener.error)}`);
      const attempt = async (md5Password: string, connectTimeoutMs: number): Promise<string> => {
        const socket = inNetworkNamespace(there, () =>
          connectTcp({
            host: address(server),
            port: 1179,
            sourceAddress: address(client),
            ttl: 255,
            minTtl: 255,
            md5Password,
            connectTimeoutMs,
          }),
        );
        if (!socket.ok) return socket.error.code;
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of socket.value) chunks.push(chunk as Buffer);
          return Buffer.concat(chunks).toString();
        } catch (error) {
          return String((error as NodeJS.ErrnoException).code);
        }
      };
      expect([family, await attempt("right", 5000)]).toEqual([family, "welcome"]);
      expect([family, await attempt("wrong", 300)]).toEqual([family, "ETIMEDOUT"]);
      listener.value.server.close();
      await once(listener.value.server, "close");
    }
  });

  it("stops when told, after the messages before it", async () => {
    worker.post("last");
    await worker.stop();
    expect(told.some(({ message }) => message === "last")).toBe(true);
    expect(exit).toEqual({ code: 0, error: null });
  });
});

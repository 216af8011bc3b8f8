import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Scope } from "./scope.ts";

/** One end of a cable: an interface of a namespace with its addresses. */
export interface Port {
  readonly interface: string;
  /** `address/length`, of either family. */
  readonly addresses: readonly string[];
  /** Hardware address; the kernel chooses when left out. */
  readonly mac?: string;
}

/** All of a lab's namespaces begin so; the process id tells whose they are. */
const PREFIX = "herald-";

/** A network namespace of the lab: a machine, as far as the network can tell. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Makes a namespace that goes, with every process in it, when the scope closes. Router advertisements and address probing are off. */
  static async create(
    scope: Scope,
    label: string,
    options: { readonly forwarding?: boolean } = {},
  ): Promise<Namespace> {
    const namespace = new Namespace(`${PREFIX}${process.pid}-${label}`);
    let added: Promise<unknown> = Promise.resolve();
    scope.defer(`namespace ${namespace.name}`, async () => {
      await added.catch(() => {});
      await removeNamespace(namespace.name);
    });
    added = run("ip", ["netns", "add", namespace.name]);
    await added;
    await run("ip", ["-n", namespace.name, "link", "set", "lo", "up"]);
    const forward = options.forwarding === true ? 1 : 0;
    await namespace.run("sysctl", [
      "-qw",
      "net.ipv6.conf.all.accept_dad=0",
      "net.ipv6.conf.default.accept_dad=0",
      "net.ipv6.conf.default.accept_ra=0",
      `net.ipv4.conf.all.forwarding=${forward}`,
      `net.ipv6.conf.all.forwarding=${forward}`,
    ]);
    return namespace;
  }

  /** Runs a program in the namespace to its end. */
  run(command: string, args: readonly string[], input?: string): Promise<string> {
    return run("ip", ["netns", "exec", this.name, command, ...args], input);
  }

  /** Runs `ip` on the namespace. */
  ip(...args: readonly string[]): Promise<string> {
    return run("ip", ["-n", this.name, ...args]);
  }

  /** Makes a bridge that forwards at once and floods multicast. */
  async addBridge(bridge: string): Promise<void> {
    await this.ip(
      "link",
      "add",
      bridge,
      "type",
      "bridge",
      "stp_state",
      "0",
      "forward_delay",
      "0",
      "mcast_snooping",
      "0",
    );
    await this.ip("link", "set", bridge, "up");
  }

  /** Lays a cable from an interface here to a port of a bridge elsewhere. The port is named for this end's namespace. */
  async connect(
    port: Port,
    bridge: { readonly namespace: Namespace; readonly name: string; readonly port: string },
  ): Promise<void> {
    const { namespace, name } = bridge;
    await run("ip", [
      "link",
      "add",
      port.interface,
      "netns",
      this.name,
      "type",
      "veth",
      "peer",
      "name",
      bridge.port,
      "netns",
      namespace.name,
    ]);
    await namespace.ip("link", "set", bridge.port, "master", name, "up");
    await this.#configure(port);
  }

  /** Lays a cable straight to another namespace. */
  async connectTo(other: Namespace, here: Port, there: Port): Promise<void> {
    await run("ip", [
      "link",
      "add",
      here.interface,
      "netns",
      this.name,
      "type",
      "veth",
      "peer",
      "name",
      there.interface,
      "netns",
      other.name,
    ]);
    await this.#configure(here);
    await other.#configure(there);
  }

  async #configure(port: Port): Promise<void> {
    if (port.mac !== undefined) await this.ip("link", "set", port.interface, "address", port.mac);
    for (const address of port.addresses) {
      await this.ip("addr", "add", address, "dev", port.interface, ...(address.includes(":") ? ["nodad"] : []));
    }
    await this.ip("link", "set", port.interface, "up");
  }
}

/** The folders in which labs leave folders named for their process, and the form of those names. */
const FOLDERS: readonly { readonly parent: string; readonly name: RegExp }[] = [
  { parent: tmpdir(), name: /^herald-lab-(\d+)-/ },
  { parent: "/etc/frr", name: /^herald-(\d+)-/ },
  { parent: "/var/run/frr", name: /^herald-(\d+)-/ },
];

/**
 * Removes what labs left behind whose process is gone, because they were killed: their namespaces with every process in them, and
 * their folders. Returns the names of what was removed.
 */
export async function removeStale(): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await namespaceNames()) {
    if (!isAbandoned(name, /^herald-(\d+)-/)) continue;
    await removeNamespace(name);
    removed.push(name);
  }
  for (const { parent, name } of FOLDERS) {
    const folders = existsSync(parent) ? readdirSync(parent).filter((entry) => isAbandoned(entry, name)) : [];
    for (const folder of folders) {
      rmSync(join(parent, folder), { recursive: true, force: true });
      removed.push(folder);
    }
  }
  return removed;
}

async function namespaceNames(): Promise<readonly string[]> {
  const lines = (await run("ip", ["netns", "list"])).split("\n");
  return lines.map((line) => line.split(" ")[0] ?? "").filter((name) => name !== "");
}

async function removeNamespace(name: string): Promise<void> {
  if (!(await namespaceNames()).includes(name)) return;
  const pids = (await run("ip", ["netns", "pids", name])).split("\n").filter((line) => line !== "");
  for (const pid of pids) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It went by itself between the listing and the signal.
    }
  }
  await run("ip", ["netns", "del", name]).catch(async (error: unknown) => {
    // Another lab may have swept it meanwhile.
    if ((await namespaceNames()).includes(name)) throw error;
  });
}

/** True when the name tells of a lab whose process is gone; its number may be another program's by now. */
function isAbandoned(name: string, pattern: RegExp): boolean {
  const owner = pattern.exec(name)?.[1];
  if (owner === undefined) return false;
  try {
    return !/node|vitest/.test(readFileSync(`/proc/${owner}/cmdline`, "utf8"));
  } catch {
    return true;
  }
}

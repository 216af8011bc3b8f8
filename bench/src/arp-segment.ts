import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** Options of `Segments.responder` for the far end of a cable. */
export interface ResponderOptions {
  readonly name: string;
  /** `address/length` of the namespace itself. */
  readonly addresses: readonly string[];
}

/** Namespaces that are all joined to one client's by a cable of their own; everything goes when the process does. */
export class Segments {
  readonly #prefix = `hq-arp-${process.pid}`;
  readonly #namespaces: string[] = [];
  readonly #children: ChildProcess[] = [];

  constructor() {
    process.once("exit", () => this.close());
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
    this.#addNamespace("client");
  }

  /** Makes a namespace with the interface `eth0`; the client's end of its cable is named for it. */
  add({ name, addresses }: ResponderOptions): void {
    const [client, responder] = [this.#name("client"), this.#addNamespace(name)];
    ip("link", "add", name, "netns", client, "type", "veth", "peer", "name", "eth0", "netns", responder);
    for (const address of addresses) {
      const noDetection = address.includes(":") ? ["nodad"] : [];
      ip("-n", responder, "address", "add", address, "dev", "eth0", ...noDetection);
    }
    // The client's kernel has nothing to say here: its program makes every frame itself.
    command("ip", ["netns", "exec", client, "sysctl", "-qw", `net.ipv6.conf.${name}.disable_ipv6=1`]);
    ip("-n", responder, "link", "set", "eth0", "up");
    ip("-n", client, "link", "set", name, "up");
  }

  /** Starts a program in a namespace; it is ended with the segments. One that ends before that ends the process. */
  start(name: string, program: string, args: readonly string[]): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.#name(name), program, ...args], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    child.once("error", (error) => fail(`${program}: ${error.message}`));
    child.once("exit", (code, signal) => {
      if (this.#children.includes(child)) fail(`${program} ended: ${code ?? signal}`);
    });
    this.#children.push(child);
    return child;
  }

  /** Runs a program in the client's namespace to its end; what it wrote. */
  async ask(program: string, args: readonly string[]): Promise<string> {
    const child = spawn("ip", ["netns", "exec", this.#name("client"), program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(child);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("close", resolve);
      child.once("error", reject);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    const code = await ended;
    this.#children.splice(this.#children.indexOf(child), 1);
    if (code !== 0) throw new Error(`${program} ended: ${code}`);
    return Buffer.concat(chunks).toString();
  }

  /** Ends the programs and removes the namespaces. */
  close(): void {
    for (const child of this.#children.splice(0)) child.kill("SIGKILL");
    for (const namespace of this.#namespaces.splice(0)) spawnSync("ip", ["netns", "delete", namespace]);
  }

  #name(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  #addNamespace(name: string): string {
    const namespace = this.#name(name);
    ip("netns", "add", namespace);
    this.#namespaces.push(namespace);
    return namespace;
  }
}

function ip(...args: readonly string[]): void {
  command("ip", args);
}

function command(program: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

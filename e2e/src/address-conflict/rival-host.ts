import { BRIDGE, type Lab, Namespace, PLAN, type Scope } from "@herald-lb/lab";

/** A host on the lab's segment that is no Node, with addresses that the cluster gives to Services. */
export class RivalHost {
  readonly mac = "02:00:5e:00:53:66";
  readonly #namespace: Namespace;

  private constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Attaches the host to the segment. */
  static async attach(scope: Scope, { topology }: Lab): Promise<RivalHost> {
    const host = new RivalHost(await Namespace.create(scope, "rival"));
    const addresses = [`${PLAN.segment4}.66/24`, `${PLAN.segment6}::66/64`];
    const port = { interface: "eth0", addresses, mac: host.mac };
    await host.#namespace.connect(port, { namespace: topology.segment, name: BRIDGE, port: "p-rival" });
    return host;
  }

  /** Gives the host an address: its kernel answers for it from now on. */
  async take(address: string): Promise<void> {
    const options = address.includes(":")
      ? [`${address}/128`, "dev", "eth0", "nodad"]
      : [`${address}/32`, "dev", "eth0"];
    await this.#namespace.ip("addr", "add", ...options);
  }

  /** Takes an address from the host. */
  async release(address: string): Promise<void> {
    await this.#namespace.ip("addr", "del", `${address}/${address.includes(":") ? 128 : 32}`, "dev", "eth0");
  }

  /** Has the host claim an address by a frame that every station hears: an ARP Announcement, or a solicitation from the address for `neighbour`. */
  async claim(address: string, neighbour: string): Promise<void> {
    if (address.includes(":")) {
      await this.#namespace.ip("neigh", "flush", "to", neighbour);
      const args = ["--silent", "--max-time", "1", "--interface", address, `http://[${neighbour}]:9/`];
      await this.#namespace.run("curl", args).catch(() => {});
    } else await this.#namespace.run("arping", ["-A", "-c", "1", "-I", "eth0", "-s", address, address]);
  }
}

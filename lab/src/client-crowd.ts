import { join, resolve } from "node:path";
import type { Lab } from "./lab.ts";
import { Namespace } from "./namespace.ts";
import { type Outage, readOutage } from "./outage.ts";
import type { Scope } from "./scope.ts";
import { BRIDGE, type LabNode, PLAN } from "./topology.ts";
import { until } from "./until.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");
/** The last octet of the first client's address: the others follow it. */
const FIRST = 128;
/** The number of the first client's routing table. */
const TABLE = 1_000;

/** A client with an interface, addresses and neighbour entries of its own. */
export interface CrowdClient {
  readonly interface: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Many clients on the lab's segment in one namespace: each has its own hardware address, and its kernel its own entry for an address of a Service. */
export class ClientCrowd {
  readonly clients: readonly CrowdClient[];
  readonly namespace: Namespace;
  readonly #lab: Lab;
  readonly #scope: Scope;

  private constructor(scope: Scope, lab: Lab, namespace: Namespace, clients: readonly CrowdClient[]) {
    this.#scope = scope;
    this.#lab = lab;
    this.namespace = namespace;
    this.clients = clients;
  }

  /** Puts `count` clients with consecutive addresses on the segment, 64 at most. */
  static async attach(scope: Scope, lab: Lab, count: number): Promise<ClientCrowd> {
    const namespace = await Namespace.create(scope, "crowd");
    const bridge = { namespace: lab.topology.segment, name: BRIDGE, port: "p-crowd" };
    await namespace.connect({ interface: "eth0", addresses: [] }, bridge);
    // An interface answers for its own addresses alone, and speaks from them.
    await namespace.run("sysctl", ["-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"]);
    const clients = Array.from({ length: count }, (_, at) => ({
      interface: `c${at}`,
      ipv4: `${PLAN.segment4}.${FIRST + at}`,
      ipv6: `${PLAN.segment6}::${(FIRST + at).toString(16)}`,
    }));
    await namespace.run("ip", ["-batch", "-"], clients.flatMap(commandsOf).join("\n"));
    await namespace.run("ip", ["-6", "-batch", "-"], clients.flatMap(ipv6CommandsOf).join("\n"));
    // No entry goes because it is not used.
    const staleTimes = clients.flatMap((client) =>
      ["ipv4", "ipv6"].map((family) => `net.${family}.neigh.${client.interface}.gc_stale_time=3600`),
    );
    await namespace.run("sysctl", ["-qw", ...staleTimes]);
    return new ClientCrowd(scope, lab, namespace, clients);
  }

  /** Has each client ask for an address, all it takes to have a neighbour entry. */
  async ask(address: string, clients: readonly CrowdClient[] = this.clients): Promise<void> {
    const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
    for (const { ipv4, ipv6 } of clients)
      await until(`an answer to ${ipv4} from ${address}`, () =>
        this.namespace
          .run("curl", [
            "--silent",
            "--fail",
            "--max-time",
            "2",
            "--interface",
            address.includes(":") ? ipv6 : ipv4,
            url,
          ])
          .then(() => true),
      );
  }

  /** The node that each client has for an address now, by its kernel's neighbour entry; null where it has none. */
  async servers(address: string): Promise<ReadonlyMap<CrowdClient, LabNode | null>> {
    const entries = JSON.parse((await this.namespace.ip("-j", "neigh", "show", "to", address)) || "[]") as readonly {
      readonly dev: string;
      readonly lladdr?: string;
    }[];
    const macs = new Map(entries.map(({ dev, lladdr }) => [dev, lladdr]));
    return new Map(
      this.clients.map((client) => {
        const mac = macs.get(client.interface);
        return [client, this.#lab.topology.nodes.find((node) => node.mac === mac) ?? null];
      }),
    );
  }

  /** The clients that have this node for an address. */
  async clientsOf(node: LabNode, address: string): Promise<readonly CrowdClient[]> {
    return [...(await this.servers(address))].flatMap(([client, server]) => (server === node ? [client] : []));
  }

  /** Has the first clients ask for an IPv4 address every 100 ms, until the result is asked for: the outage of each. */
  measure(
    address: string,
    clients: readonly CrowdClient[],
  ): { readonly stop: () => Promise<ReadonlyMap<CrowdClient, Outage>> } {
    const probe = this.#scope.spawn({
      name: "crowd-probe",
      namespace: this.namespace.name,
      command: join(ROOT, "node_modules/.bin/node"),
      args: [
        join(import.meta.dirname, "client-probe.ts"),
        `http://${address}/`,
        "100",
        "400",
        clients.map(({ ipv4 }) => ipv4).join(","),
      ],
    });
    return {
      stop: async () => {
        await probe.stop();
        const lines = probe.output().split("\n").slice(0, -1);
        return new Map(
          clients.map((client) => {
            const own = lines.flatMap((line) => {
              const [from, ...rest] = line.split(" ");
              return from === client.ipv4 ? [rest.join(" ")] : [];
            });
            return [client, readOutage(`${own.join("\n")}\n`)];
          }),
        );
      },
    };
  }
}

/** The commands that make a client: an interface, and routes by way of it for what its address sends. */
function commandsOf({ interface: name, ipv4 }: CrowdClient, at: number): readonly string[] {
  return [
    `link add ${name} link eth0 type macvlan mode bridge`,
    `addr add ${ipv4}/32 dev ${name}`,
    `link set ${name} up`,
    `rule add from ${ipv4} lookup ${TABLE + at}`,
    `route add ${PLAN.segment4}.0/24 dev ${name} table ${TABLE + at} src ${ipv4}`,
  ];
}

/** The commands that give it an IPv6 address. */
function ipv6CommandsOf({ interface: name, ipv6 }: CrowdClient, at: number): readonly string[] {
  return [
    `addr add ${ipv6}/128 dev ${name} nodad`,
    `rule add from ${ipv6} lookup ${TABLE + at}`,
    `route add ${PLAN.segment6}::/64 dev ${name} table ${TABLE + at}`,
  ];
}

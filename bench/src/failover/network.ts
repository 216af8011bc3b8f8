import { Namespace, run, type Scope } from "@herald-lb/lab";
import { type Cables, openCables } from "./cables.ts";

/** The interface whose address is the Node's, by which its speaker talks to the others. */
export type NodeNetwork = "segment" | "management";

/** A node of the bench. */
export interface BenchNode {
  readonly name: string;
  readonly namespace: Namespace;
  /** Of the interface on the segment. */
  readonly mac: string;
  /** The Node's address. */
  readonly address: string;
  /** The far ends of its cables, on the two bridges. */
  readonly ports: Readonly<Record<NodeNetwork, string>>;
}

/**
 * The network of one run:
 *
 *     asking client, sending client --+-- segment ------ eth0 --+
 *                                                               nodes
 *                       API server --+-- management --- mgmt0 --+
 *
 * Both bridges are in the bench's own namespace, and so is the API server.
 */
export interface BenchNetwork {
  readonly nodes: readonly BenchNode[];
  readonly asking: Namespace;
  readonly sending: Namespace;
  /** The address of the API server. */
  readonly api: string;
  readonly cables: Cables;
}

/** The networks, of RFC 2544 and RFC 5737, and what is in them. */
export const PLAN: {
  /** A prefix of 16 bits; hosts below 64, the Services' addresses from there, the senders of ARP requests from 128. */
  readonly segment: string;
  readonly pool: string;
  /** The beginning of every address of the pool, and of nothing else. */
  readonly poolBegins: string;
  readonly management: string;
  readonly echoPort: number;
} = {
  segment: "198.18",
  pool: "198.18.64.0/22",
  poolBegins: "198.18.6",
  management: "192.0.2",
  echoPort: 7007,
};

/** The first host number of a node on either network. */
const FIRST_NODE = 10;

/** Address number `index` of the pool, of a thousand. */
export function poolAddress(index: number): string {
  return `${PLAN.segment}.${64 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}

/** Builds bridges, nodes and clients; all of it goes when the scope closes. */
export async function buildNetwork(
  scope: Scope,
  own: string,
  { nodes: count, nodeNetwork }: { readonly nodes: number; readonly nodeNetwork: NodeNetwork },
): Promise<BenchNetwork> {
  const home = new Namespace(own);
  const api = `${PLAN.management}.254`;
  await run("ip", ["link", "set", "lo", "up"]);
  for (const bridge of ["segment", "management"]) {
    scope.defer(`the bridge ${bridge}`, async () => void (await run("ip", ["link", "delete", bridge])));
    await home.addBridge(bridge);
  }
  await run("ip", ["address", "add", `${api}/24`, "dev", "management"]);

  // The kernel clears a removed namespace away later, and only then the near ends of its cables, whose names the next site wants.
  const cable = (port: string, bridge: NodeNetwork): Parameters<Namespace["connect"]>[1] => {
    scope.defer(`the cable ${port}`, async () => {
      // A bench that is interrupted may not have laid it yet.
      await run("ip", ["link", "delete", port]).catch(() => {});
    });
    return { namespace: home, name: bridge, port };
  };
  const attachClient = async (label: string, host: number): Promise<Namespace> => {
    const namespace = await Namespace.create(scope, label);
    const port = { interface: "eth0", addresses: [`${PLAN.segment}.1.${host}/16`] };
    await namespace.connect(port, cable(`p-${label}`, "segment"));
    return namespace;
  };
  const asking = await attachClient("asking", 10);
  const sending = await attachClient("sending", 11);

  const buildNode = async (index: number): Promise<BenchNode> => {
    const number = String(index + 1).padStart(2, "0");
    const namespace = await Namespace.create(scope, `node-${number}`);
    const host = FIRST_NODE + index;
    const mac = `02:00:5e:00:53:${host.toString(16).padStart(2, "0")}`;
    const ports = { segment: `s-${number}`, management: `m-${number}` };
    const segment = `${PLAN.segment}.0.${host}`;
    const management = `${PLAN.management}.${host}`;
    await namespace.connect({ interface: "eth0", addresses: [`${segment}/16`], mac }, cable(ports.segment, "segment"));
    await namespace.connect(
      { interface: "mgmt0", addresses: [`${management}/24`] },
      cable(ports.management, "management"),
    );
    await namespace.run("nft", ["-f", "-"], ECHO_RULES);
    const address = nodeNetwork === "segment" ? segment : management;
    return { name: `node-${number}`, namespace, mac, address, ports };
  };
  const nodes: BenchNode[] = [];
  for (let index = 0; index < count; index++) nodes.push(await buildNode(index));
  return { nodes, asking, sending, api, cables: openCables(scope) };
}

/** The rule that kube-proxy makes of a Service: datagrams for any address of the pool go to an endpoint, here the node's own echo. */
const ECHO_RULES = `
table ip echo {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ip daddr ${PLAN.pool} udp dport ${PLAN.echoPort} redirect to :${PLAN.echoPort}
  }
}
`;

import { Namespace } from "./namespace.ts";
import type { Scope } from "./scope.ts";

/** A machine of the cluster, with one pod behind it. */
export interface LabNode {
  readonly name: string;
  readonly namespace: Namespace;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly pod: LabPod;
}

/** A pod: a namespace behind its node. */
export interface LabPod {
  readonly name: string;
  readonly namespace: Namespace;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A machine with one address of each family. */
export interface LabHost {
  readonly namespace: Namespace;
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * The lab's network:
 *
 *     far client --- router --+-- segment (a bridge) --+-- client
 *                             |                        |
 *                      API server            node-a, node-b, node-c, on request node-d (a pod behind each)
 */
export interface Topology {
  readonly segment: Namespace;
  readonly nodes: readonly LabNode[];
  readonly client: LabHost;
  readonly router: LabHost;
  readonly farClient: LabHost;
  readonly apiServer: LabHost;
}

/** The addresses of the lab, in the ranges of RFC 5737 and RFC 3849. */
export const PLAN: {
  readonly segment4: string;
  readonly segment6: string;
  readonly far4: string;
  readonly far6: string;
  /** A pool on the segment, for ARP and Neighbor Discovery. */
  readonly layer2Pool: readonly string[];
  /** A pool routed by BGP. */
  readonly bgpPool: readonly string[];
  readonly routerAs: number;
  readonly clusterAs: number;
} = {
  segment4: "192.0.2",
  segment6: "2001:db8:0:2",
  far4: "198.51.100",
  far6: "2001:db8:0:64",
  layer2Pool: ["192.0.2.200-192.0.2.250", "2001:db8:0:2::200-2001:db8:0:2::2ff"],
  bgpPool: ["203.0.113.0/24", "2001:db8:0:113::/112"],
  routerAs: 64500,
  clusterAs: 64501,
};

const NODE_NAMES: readonly string[] = ["node-a", "node-b", "node-c", "node-d"];
/** The bridge's name inside the segment's namespace. */
export const BRIDGE = "br0";

/** Builds the network with three nodes, or four; it goes when the scope closes. */
export async function buildTopology(scope: Scope, nodeCount: 3 | 4 = 3): Promise<Topology> {
  const segment = await Namespace.create(scope, "segment");
  await segment.addBridge(BRIDGE);
  const attach = async (
    label: string,
    host: number,
    options: { forwarding?: boolean; mac?: string } = {},
  ): Promise<LabHost> => {
    const namespace = await Namespace.create(scope, label, options);
    const ipv4 = `${PLAN.segment4}.${host}`;
    const ipv6 = `${PLAN.segment6}::${host}`;
    const addresses = [`${ipv4}/24`, `${ipv6}/64`];
    const port = { interface: "eth0", addresses, ...(options.mac === undefined ? {} : { mac: options.mac }) };
    await namespace.connect(port, { namespace: segment, name: BRIDGE, port: `p-${label}` });
    return { namespace, ipv4, ipv6 };
  };

  const router = await attach("router", 1, { forwarding: true });
  const apiServer = await attach("api", 2);
  const client = await attach("client", 100);
  const nodes: LabNode[] = [];
  for (const [index, name] of NODE_NAMES.slice(0, nodeCount).entries())
    nodes.push(await buildNode(scope, attach, name, index + 1));

  const far = await Namespace.create(scope, "far");
  await far.connectTo(
    router.namespace,
    { interface: "eth0", addresses: [`${PLAN.far4}.130/26`, `${PLAN.far6}::130/64`] },
    { interface: "eth1", addresses: [`${PLAN.far4}.129/26`, `${PLAN.far6}::129/64`] },
  );
  await defaultRoutes(far, `${PLAN.far4}.129`, `${PLAN.far6}::129`);
  for (const host of [client, apiServer]) await defaultRoutes(host.namespace, router.ipv4, router.ipv6);
  for (const node of nodes) {
    await defaultRoutes(node.namespace, router.ipv4, router.ipv6);
    for (const other of nodes) {
      if (other === node) continue;
      await node.namespace.ip("route", "add", other.pod.ipv4, "via", other.ipv4);
      await node.namespace.ip("route", "add", other.pod.ipv6, "via", other.ipv6);
    }
  }
  const farClient = { namespace: far, ipv4: `${PLAN.far4}.130`, ipv6: `${PLAN.far6}::130` };
  return { segment, nodes, client, router, farClient, apiServer };
}

type Attach = (label: string, host: number, options: { forwarding?: boolean; mac?: string }) => Promise<LabHost>;

async function buildNode(scope: Scope, attach: Attach, name: string, index: number): Promise<LabNode> {
  const mac = `02:00:5e:00:53:0${index}`;
  const host = await attach(name, 10 + index, { forwarding: true, mac });
  const namespace = await Namespace.create(scope, `pod-${index}`);
  const gateway4 = `${PLAN.far4}.${index * 8 + 1}`;
  const gateway6 = `2001:db8:1:${index}::1`;
  const ipv4 = `${PLAN.far4}.${index * 8 + 2}`;
  const ipv6 = `2001:db8:1:${index}::2`;
  await namespace.connectTo(
    host.namespace,
    { interface: "eth0", addresses: [`${ipv4}/30`, `${ipv6}/64`] },
    { interface: "pod0", addresses: [`${gateway4}/30`, `${gateway6}/64`] },
  );
  await defaultRoutes(namespace, gateway4, gateway6);
  return { name, mac, ...host, pod: { name: `web-${index}`, namespace, ipv4, ipv6 } };
}

async function defaultRoutes(namespace: Namespace, ipv4: string, ipv6: string): Promise<void> {
  await namespace.ip("route", "add", "default", "via", ipv4);
  await namespace.ip("-6", "route", "add", "default", "via", ipv6);
}

import { join } from "node:path";
import { Cluster } from "./cluster.ts";
import { type Frr, routerConfiguration, startFrr } from "./frr.ts";
import { kubectlPath } from "./kubectl.ts";
import { type RealApiServer, startRealApiServer } from "./real-api-server.ts";
import type { Daemon, Scope } from "./scope.ts";
import { buildTopology, PLAN, type Topology } from "./topology.ts";

/** Herald's daemons in a lab. */
export interface Daemons {
  readonly controller: Daemon;
  /** By the node's name. */
  readonly speakers: Map<string, Daemon>;
}

/** A whole cluster's network with Herald on it. */
export interface Lab extends Daemons {
  readonly topology: Topology;
  readonly cluster: Cluster;
  readonly router: Frr;
  /** The API server, its processes and its audit log. */
  readonly api: RealApiServer;
}

/** Further arguments of the daemons. */
export interface DaemonArgs {
  readonly controllerArgs?: readonly string[];
  readonly speakerArgs?: readonly string[];
}

/** The router's FRR, where it is more than BGP with every node. */
export interface RouterOptions {
  /** Its daemons beside zebra and staticd. */
  readonly daemons: readonly string[];
  /** Further lines for each neighbour. */
  readonly neighborLines: (neighbor: string) => readonly string[];
}

/** The parts of a lab that a test may leave out. */
export interface LabOptions extends DaemonArgs {
  /** The folder with kube-apiserver and etcd. */
  readonly assets: string;
  /** Three where absent. */
  readonly nodes?: 4;
  readonly apiServerFlags?: readonly string[];
  readonly router?: RouterOptions;
}

/** Builds the network and starts everything on a real API server; resolves when every daemon is ready. */
export async function startLab(scope: Scope, options: LabOptions): Promise<Lab> {
  const topology = await buildTopology(scope, options.nodes);
  const { apiServer } = topology;
  const api = await startRealApiServer(scope, {
    assets: options.assets,
    bind: apiServer.ipv4,
    namespace: apiServer.namespace.name,
    ...(options.apiServerFlags === undefined ? {} : { flags: options.apiServerFlags }),
  });
  const cluster = new Cluster(scope, topology, { kubeconfig: api.kubeconfig, kubectl: kubectlPath() });
  await cluster.install();
  const router = await startRouter(scope, topology, options.router);
  cluster.startKubeProxy(join(options.assets, "kube-proxy"));
  return { topology, cluster, router, api, ...(await startDaemons(cluster, options)) };
}

/** Starts FRR on the router, with every node as a neighbour over both families. */
export function startRouter(
  scope: Scope,
  { router, nodes }: Topology,
  { daemons, neighborLines }: RouterOptions = { daemons: ["bgpd"], neighborLines: () => [] },
): Promise<Frr> {
  const neighbors = nodes.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
  const configuration = routerConfiguration({
    as: PLAN.routerAs,
    peerAs: PLAN.clusterAs,
    routerId: router.ipv4,
    neighbors,
    extra: neighbors.flatMap((each) => neighborLines(each)),
  });
  return startFrr(scope, router.namespace, configuration, daemons);
}

/** Starts the controller and a speaker a node; resolves when all are ready. */
export async function startDaemons(cluster: Cluster, options: DaemonArgs = {}): Promise<Daemons> {
  const { nodes, apiServer } = cluster.topology;
  const controller = cluster.startController(options.controllerArgs);
  const speakers = new Map(nodes.map((node) => [node.name, cluster.startSpeaker(node, options.speakerArgs)]));
  await cluster.untilReady(controller, apiServer.namespace.name);
  for (const node of nodes) {
    const speaker = speakers.get(node.name);
    if (speaker !== undefined) await cluster.untilReady(speaker, node.namespace.name);
  }
  return { controller, speakers };
}

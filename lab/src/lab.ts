import type { Daemon, Scope } from "./scope.ts";
import { Cluster } from "./cluster.ts";
import { type Frr, routerConfiguration, startFrr } from "./frr.ts";
import { kubectlPath } from "./kubectl.ts";
import { type RealApiServer, startRealApiServer } from "./real-api-server.ts";
import { buildTopology, PLAN, type Topology } from "./topology.ts";

/** A whole cluster's network with Herald on it. */
export interface Lab {
  readonly topology: Topology;
  readonly cluster: Cluster;
  readonly router: Frr;
  /** The API server, its processes and its audit log. */
  readonly api: RealApiServer;
  readonly controller: Daemon;
  /** By the node's name. */
  readonly speakers: Map<string, Daemon>;
}

/** What may be left out of a lab, or said to its daemons. */
export interface LabOptions {
  /** The folder with kube-apiserver and etcd. */
  readonly assets: string;
  readonly apiServerFlags?: readonly string[];
  readonly controllerArgs?: readonly string[];
  readonly speakerArgs?: readonly string[];
}

/** Builds the network and starts everything on a real API server; resolves when every daemon is ready. */
export async function startLab(scope: Scope, options: LabOptions): Promise<Lab> {
  const topology = await buildTopology(scope);
  const { apiServer, router, nodes } = topology;
  const api = await startRealApiServer(scope, {
    assets: options.assets,
    bind: apiServer.ipv4,
    namespace: apiServer.namespace.name,
    ...(options.apiServerFlags === undefined ? {} : { flags: options.apiServerFlags }),
  });
  const cluster = new Cluster(scope, topology, { kubeconfig: api.kubeconfig, kubectl: kubectlPath() });
  await cluster.install();
  const frr = await startFrr(
    scope,
    router.namespace,
    routerConfiguration({
      as: PLAN.routerAs,
      peerAs: PLAN.clusterAs,
      routerId: router.ipv4,
      neighbors: nodes.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]),
    }),
  );
  cluster.startForwarder();
  const controller = cluster.startController(options.controllerArgs);
  const speakers = new Map(nodes.map((node) => [node.name, cluster.startSpeaker(node, options.speakerArgs)]));
  await cluster.untilReady(controller, apiServer.namespace.name);
  for (const node of nodes) {
    const speaker = speakers.get(node.name);
    if (speaker !== undefined) await cluster.untilReady(speaker, node.namespace.name);
  }
  return { topology, cluster, router: frr, api, controller, speakers };
}

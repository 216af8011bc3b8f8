export { cacheFolder } from "./cache-folder.ts";
export { type Bird, type BirdOptions, startBird } from "./bird.ts";
export { ClientCrowd, type CrowdClient } from "./client-crowd.ts";
export { Cluster, type ClusterApi, POD_PORT } from "./cluster.ts";
export { debianRoot } from "./debian-root.ts";
export { startEmbeddedApiServer } from "./embedded-api-server.ts";
export { type Frr, routerConfiguration, startFrr } from "./frr.ts";
export { kubeAssets, type MissingAssets } from "./kube-assets.ts";
export { kubectlPath } from "./kubectl.ts";
export {
  type DaemonArgs,
  type Daemons,
  type Lab,
  type LabOptions,
  startDaemons,
  startLab,
  startRouter,
} from "./lab.ts";
export { endpointSliceManifests, HERALD_NAMESPACE, type Manifest } from "./manifests.ts";
export { Namespace, removeStale } from "./namespace.ts";
export {
  measureOutage,
  type NeighbourChange,
  neighbourOf,
  type NeighbourWatch,
  type Outage,
  type OutageProbe,
  readNeighbourChange,
  readOutage,
  watchNeighbour,
} from "./outage.ts";
export {
  type AuditEntry,
  type RealApiServer,
  type RealApiServerOptions,
  startRealApiServer,
} from "./real-api-server.ts";
export { addRouterHost } from "./router-host.ts";
export { type Daemon, run, Scope } from "./scope.ts";
export { BRIDGE, buildTopology, type LabHost, type LabNode, type LabPod, PLAN, type Topology } from "./topology.ts";
export { until } from "./until.ts";

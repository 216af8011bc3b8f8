import type { Failure } from "../object/failure.ts";
import type { JsonObject } from "../object/json.ts";
import { allocateClusterIps, createClusterIpPools, releaseClusterIps } from "./service-cluster-ips.ts";
import { allocateNodePorts, createNodePortPool, releaseNodePorts } from "./service-node-ports.ts";

/** Gives Services their cluster IPs and node ports, and frees them. */
export interface ServiceAllocator {
  /** Fills in the addresses and ports that a Service lacks, in place; `before` is the stored Service on update. */
  readonly allocate: (service: JsonObject, before: JsonObject | undefined) => Failure | undefined;
  /** Frees the addresses and ports of a Service. */
  readonly release: (service: JsonObject) => void;
}

/** Creates an allocator over 10.96.0.0/16, fd00:10:96::/112 and the ports 30000 to 32767. */
export function createServiceAllocator(): ServiceAllocator {
  const clusterIps = createClusterIpPools();
  const nodePorts = createNodePortPool();
  const release = (service: JsonObject | undefined, except: JsonObject | undefined): void => {
    releaseClusterIps(clusterIps, service, except);
    releaseNodePorts(nodePorts, service, except);
  };
  return {
    allocate: (service, before) => {
      const failure = allocateClusterIps(clusterIps, service, before) ?? allocateNodePorts(nodePorts, service, before);
      if (failure === undefined) release(before, service);
      else release(service, before);
      return failure;
    },
    release: (service) => release(service, undefined),
  };
}

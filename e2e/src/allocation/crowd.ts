import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLAN, run, type Scope } from "@herald-lb/lab";
import type { ServerPlace } from "./status-watch.ts";

/** The namespace that the Services of the crowd are in. */
export const CROWD = "crowd";

/** The part of the specification that all Services of a large crowd share: one family, and none of the few node ports. */
export const SMALL: Readonly<Record<string, unknown>> = {
  ipFamilyPolicy: "SingleStack",
  allocateLoadBalancerNodePorts: false,
};

/** A pool with room for tens of thousands, of which nobody tells the network. */
export const WIDE_POOL: string = `
apiVersion: v1
kind: Namespace
metadata: {name: ${CROWD}}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: wide, namespace: metallb-system}
spec: {addresses: [198.18.0.0/16]}
`;

/** A pool with room for all, told to the router over both families. */
export const CONFIGURATION: string = `
apiVersion: v1
kind: Namespace
metadata: {name: ${CROWD}}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: routed, namespace: metallb-system}
spec: {addresses: ${JSON.stringify(PLAN.bgpPool)}}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: routed, namespace: metallb-system}
spec: {ipAddressPools: [routed]}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: router, namespace: metallb-system}
spec: {myASN: ${PLAN.clusterAs}, peerASN: ${PLAN.routerAs}, peerAddress: ${PLAN.segment4}.1}
`;

/** Which Services to create. */
export interface Crowd {
  readonly count: number;
  /** The number in the first one's name; 0 unless told. */
  readonly from?: number;
  /** The number of requests under way at a time; all of them where absent. */
  readonly parallel?: number;
  /** Further fields of their specifications, which replace the defaults. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Creates Services `service-FROM` and on, a request each. */
export async function createServices(
  scope: Scope,
  { api, network }: ServerPlace,
  { count, from = 0, parallel = count, spec = {} }: Crowd,
): Promise<void> {
  const ca = join(scope.folder, "crowd-ca.crt");
  writeFileSync(ca, api.ca);
  const requests = Array.from({ length: count }, (_, index) => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `service-${from + index}` },
      spec: {
        type: "LoadBalancer",
        ipFamilyPolicy: "RequireDualStack",
        ports: [{ port: 80 }],
        selector: { app: "web" },
        ...spec,
      },
    };
    const options = {
      url: `${api.url}/api/v1/namespaces/${CROWD}/services`,
      cacert: ca,
      "oauth2-bearer": api.tokens.admin,
      header: "Content-Type: application/json",
      data: JSON.stringify(service),
      output: "/dev/null",
    };
    // curl reads the same escapes inside quotation marks as JSON writes.
    return Object.entries(options)
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
      .join("\n");
  });
  const together = ["--parallel", "--parallel-immediate", "--parallel-max", String(parallel)];
  const head = ["--silent", "--show-error", "--fail", ...together];
  await run("ip", ["netns", "exec", network, "curl", ...head, "--config", "-"], requests.join("\nnext\n"));
}

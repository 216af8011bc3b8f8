import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, PLAN, type Scope } from "@herald-lb/lab";

/** The namespace that the Services of the crowd are in. */
export const CROWD = "crowd";

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

/** Creates that many Services at once: a request each, all of them under way together. */
export async function createServices(scope: Scope, { api, topology }: Lab, count: number): Promise<void> {
  const ca = join(scope.folder, "crowd-ca.crt");
  writeFileSync(ca, api.ca);
  const requests = Array.from({ length: count }, (_, index) => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `service-${index}` },
      spec: {
        type: "LoadBalancer",
        ipFamilyPolicy: "RequireDualStack",
        ports: [{ port: 80 }],
        selector: { app: "web" },
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
  const head = [
    "--silent",
    "--show-error",
    "--fail",
    "--parallel",
    "--parallel-immediate",
    "--parallel-max",
    String(count),
  ];
  await topology.apiServer.namespace.run("curl", [...head, "--config", "-"], requests.join("\nnext\n"));
}

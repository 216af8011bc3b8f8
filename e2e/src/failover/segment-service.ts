import { PLAN } from "@herald-lb/lab";

/** A pool on the lab's segment, its L2Advertisement, and the Service `web` of type LoadBalancer; `spec` adds fields to the Service's. */
export function segmentService(spec = ""): string {
  return `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: segment, namespace: metallb-system}
spec: {addresses: ${JSON.stringify(PLAN.layer2Pool)}}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: segment, namespace: metallb-system}
spec: {ipAddressPools: [segment]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, ${spec}selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
}

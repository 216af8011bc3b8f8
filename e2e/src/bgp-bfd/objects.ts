import { PLAN } from "@herald-lb/lab";

/** An object of `metallb.io`. */
export const object = (kind: string, name: string, spec: string, version = "v1beta1"): string => `
apiVersion: metallb.io/${version}
kind: ${kind}
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
---`;
/** The BFDProfile `fast`. */
export const profile = (interval: number, multiplier: number): string =>
  object(
    "BFDProfile",
    "fast",
    `{receiveInterval: ${interval}, transmitInterval: ${interval}, detectMultiplier: ${multiplier}}`,
  );
/** A BGPPeer, with the profile `fast` unless `more` says otherwise. */
export const peer = (name: string, as: number, address: string, more = ", bfdProfile: fast"): string =>
  object(
    "BGPPeer",
    name,
    `{myASN: ${PLAN.clusterAs}, peerASN: ${as}, peerAddress: "${address}", connectTime: 1s${more}}`,
    "v1beta2",
  );
/** The Service whose routes are announced. */
export const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---`;

import { PLAN } from "@herald-lb/lab";

/** An object of `metallb.io`, as YAML; `spec` is YAML too. */
export const object = (kind: string, name: string, spec: string, version = "v1beta1"): string => `
apiVersion: metallb.io/${version}
kind: ${kind}
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
---`;

/** A BGPPeer that the nodes connect to; `more` is further fields, each behind a comma. */
export const peer = (name: string, as: number, address: string, more = ""): string =>
  object(
    "BGPPeer",
    name,
    `{myASN: ${PLAN.clusterAs}, peerASN: ${as}, peerAddress: "${address}", connectTime: 1s${more}}`,
    "v1beta2",
  );

/** A BFDProfile with one interval, in milliseconds, for both directions. */
export const profile = (name: string, interval: number, multiplier: number): string =>
  object(
    "BFDProfile",
    name,
    `{receiveInterval: ${interval}, transmitInterval: ${interval}, detectMultiplier: ${multiplier}}`,
  );

/** The pool `routed`, of both families. */
export const ROUTED_POOL: string = object(
  "IPAddressPool",
  "routed",
  "{addresses: [203.0.113.0/24, '2001:db8:0:113::/116']}",
);

/** The BGPAdvertisement `routed` of that pool, with the fields of `spec`. */
export const routedAdvertisement = (spec: object = {}): string =>
  object("BGPAdvertisement", "routed", JSON.stringify({ ipAddressPools: ["routed"], ...spec }));

/** The parts of a Service of the workload that differ. */
export interface WebServiceOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  /** `externalTrafficPolicy`; Cluster where absent. */
  readonly policy?: "Cluster" | "Local";
  /** `ipFamilyPolicy`; RequireDualStack where absent. */
  readonly families?: "RequireDualStack" | "SingleStack";
}

/** A Service of type LoadBalancer in front of the Pods with the label `app=web`, as YAML. */
export const webService = (name: string, options: WebServiceOptions = {}): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default, annotations: ${JSON.stringify(options.annotations ?? {})}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${options.policy ?? "Cluster"}
  ipFamilyPolicy: ${options.families ?? "RequireDualStack"}
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---`;

/** The prefix of one address alone. */
export const hostPrefix = (address: string): string => `${address}/${address.includes(":") ? 128 : 32}`;

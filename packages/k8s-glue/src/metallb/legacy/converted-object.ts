import type { KubernetesObject, ObjectMeta } from "@herald-lb/k8s-glue/objects";
import type { YamlPathSegment } from "./yaml-source.ts";

/** An object of `metallb.io` that an entry of the old configuration is converted to. */
export interface ConvertedObject {
  readonly object: KubernetesObject & {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: ObjectMeta & { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
  };
  /** The path of the entry, or of the part of it, that the object comes from. */
  readonly at: readonly YamlPathSegment[];
  /** The order of the object among those of its kind: of two in conflict, the lower has effect. */
  readonly number: number;
}

/** The object with the latest creationTimestamp of the cluster, so that every object of the user comes before it. */
export function asNewest({ object, number }: ConvertedObject): KubernetesObject {
  const creationTimestamp = `9999-12-31T23:59:59.${String(number).padStart(9, "0")}Z`;
  return { ...object, metadata: { ...object.metadata, creationTimestamp } };
}

const renamed: Readonly<Record<string, string>> = {
  myASN: "my-asn",
  peerASN: "peer-asn",
  peerAddress: "peer-address",
  sourceAddress: "source-address",
  peerPort: "peer-port",
  holdTime: "hold-time",
  keepaliveTime: "keepalive-time",
  routerID: "router-id",
  bfdProfile: "bfd-profile",
  ebgpMultiHop: "ebgp-multihop",
  nodeSelectors: "node-selectors",
  matchLabels: "match-labels",
  matchExpressions: "match-expressions",
  avoidBuggyIPs: "avoid-buggy-ips",
  autoAssign: "auto-assign",
  aggregationLength: "aggregation-length",
  aggregationLengthV6: "aggregation-length-v6",
  localPref: "localpref",
  receiveInterval: "receive-interval",
  transmitInterval: "transmit-interval",
  detectMultiplier: "detect-multiplier",
  echoInterval: "echo-interval",
  echoMode: "echo-mode",
  passiveMode: "passive-mode",
  minimumTtl: "minimum-ttl",
};

/** The path in the old configuration of a field of a converted object: `spec.holdTime` of a peer is `peers[0].hold-time`. */
export function oldPathOf({ object, at }: ConvertedObject, field: string): readonly YamlPathSegment[] {
  const segments = [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)]
    .map(([, index, name = ""]): YamlPathSegment => (index === undefined ? (renamed[name] ?? name) : Number(index)))
    .slice(1);
  if (object.kind === "Community") {
    const names = (object.spec["communities"] ?? []) as readonly { readonly name: string }[];
    const alias = typeof segments[1] === "number" ? names[segments[1]]?.name : undefined;
    return alias === undefined ? at : [...at, alias];
  }
  // The pool of an advertisement is not written as a field: the advertisement is in its pool.
  const written = segments[0] === "ipAddressPools" ? [] : segments;
  return [...at, ...written];
}

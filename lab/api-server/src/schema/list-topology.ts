import type { Schema } from "./schema.ts";

/** The merge rule of each path of a built-in kind. `[]` in a path steps into the items of a list. */
export type Topology = Readonly<Record<string, ListKind>>;

/** `atomic` replaces whole; `set` by value; a `map` by `keys` (server-side apply) and `mergeKey` (strategic merge). */
export type ListKind =
  | "atomic"
  | "set"
  | {
      readonly keys: readonly string[];
      readonly mergeKey: string;
      readonly defaults?: Readonly<Record<string, string>>;
    };

const by = (key: string): ListKind => ({ keys: [key], mergeKey: key });
const ports = (key: string): ListKind => ({ keys: [key, "protocol"], mergeKey: key, defaults: { protocol: "TCP" } });

const metadata: Topology = { "metadata.finalizers": "set", "metadata.ownerReferences": by("uid") };
const conditions: Topology = { "status.conditions": by("type") };

function container(at: string): Topology {
  return {
    [at]: by("name"),
    [`${at}[].env`]: by("name"),
    [`${at}[].ports`]: ports("containerPort"),
    [`${at}[].volumeMounts`]: by("mountPath"),
    [`${at}[].volumeDevices`]: by("devicePath"),
    [`${at}[].resources.claims`]: by("name"),
  };
}

function podSpec(at: string): Topology {
  return {
    ...container(`${at}.containers`),
    ...container(`${at}.initContainers`),
    ...container(`${at}.ephemeralContainers`),
    [`${at}.volumes`]: by("name"),
    [`${at}.imagePullSecrets`]: by("name"),
    [`${at}.hostAliases`]: by("ip"),
    [`${at}.tolerations`]: "atomic",
    [`${at}.nodeSelector`]: "atomic",
    [`${at}.topologySpreadConstraints`]: { keys: ["topologyKey", "whenUnsatisfiable"], mergeKey: "topologyKey" },
  };
}

const workload: Topology = {
  ...metadata,
  ...conditions,
  "spec.selector": "atomic",
  ...podSpec("spec.template.spec"),
};

/** Every built-in kind that has lists other than atomic ones, by Kind. */
const topologies: Readonly<Record<string, Topology>> = {
  Service: { ...metadata, ...conditions, "spec.ports": ports("port"), "spec.selector": "atomic" },
  Node: { ...metadata, ...conditions, "status.addresses": by("type"), "spec.podCIDRs": "set" },
  Namespace: { ...metadata, ...conditions },
  Pod: {
    ...metadata,
    ...conditions,
    ...podSpec("spec"),
    "status.podIPs": by("ip"),
    "status.hostIPs": by("ip"),
  },
  ServiceAccount: { ...metadata, secrets: by("name") },
  Event: { ...metadata, involvedObject: "atomic", regarding: "atomic", related: "atomic" },
  RoleBinding: { ...metadata, roleRef: "atomic" },
  ClusterRoleBinding: { ...metadata, roleRef: "atomic" },
  Deployment: workload,
  DaemonSet: workload,
  ReplicaSet: workload,
  StatefulSet: workload,
  CustomResourceDefinition: { ...metadata, ...conditions },
  PodDisruptionBudget: { ...metadata, ...conditions, "spec.selector": "atomic" },
  NetworkPolicy: { ...metadata, "spec.podSelector": "atomic" },
};

interface Growing {
  properties?: Record<string, Growing>;
  items?: Growing;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: readonly string[];
  "x-kubernetes-map-type"?: "atomic";
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-patch-strategy"?: string;
  default?: string;
}

function grow(root: Growing, path: string): Growing {
  let here = root;
  for (const step of path.split(".")) {
    const key = step.replace("[]", "");
    here.properties ??= {};
    here = here.properties[key] ??= {};
    if (step.endsWith("[]")) here = here.items ??= {};
  }
  return here;
}

/** The schema of a built-in kind, as far as patches need one. */
export function builtInSchema(kind: string): Schema {
  const root: Growing = {};
  for (const [path, list] of Object.entries(topologies[kind] ?? metadata)) {
    const node = grow(root, path);
    if (list === "atomic") node["x-kubernetes-map-type"] = "atomic";
    else if (list === "set") {
      node["x-kubernetes-list-type"] = "set";
      node["x-kubernetes-patch-strategy"] = "merge";
    } else {
      node["x-kubernetes-list-type"] = "map";
      node["x-kubernetes-list-map-keys"] = list.keys;
      node["x-kubernetes-patch-merge-key"] = list.mergeKey;
      node["x-kubernetes-patch-strategy"] = "merge";
      node.items ??= {};
      for (const [key, value] of Object.entries(list.defaults ?? {})) grow(node.items, key).default = value;
    }
  }
  return root as Schema;
}

import type { Resource } from "./resource.ts";
import { builtInSchema } from "../schema/list-topology.ts";

interface Row {
  readonly kind: string;
  readonly plural?: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly storedAs?: string;
}

const groups: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kind: "ConfigMap", short: ["cm"] },
    { kind: "Endpoints", plural: "endpoints", short: ["ep"] },
    { kind: "Event", short: ["ev"], storedAs: "events" },
    { kind: "Namespace", short: ["ns"], cluster: true, status: true },
    { kind: "Node", short: ["no"], cluster: true, status: true },
    { kind: "Pod", short: ["po"], categories: ["all"], status: true, generation: true },
    { kind: "Secret" },
    { kind: "ServiceAccount", short: ["sa"] },
    { kind: "Service", short: ["svc"], categories: ["all"], status: true },
  ],
  "events.k8s.io/v1": [{ kind: "Event", short: ["ev"], storedAs: "events" }],
  "apps/v1": [
    { kind: "ControllerRevision" },
    { kind: "DaemonSet", short: ["ds"], categories: ["all"], status: true, generation: true },
    { kind: "Deployment", short: ["deploy"], categories: ["all"], status: true, generation: true },
    { kind: "ReplicaSet", short: ["rs"], categories: ["all"], status: true, generation: true },
    { kind: "StatefulSet", short: ["sts"], categories: ["all"], status: true, generation: true },
  ],
  "coordination.k8s.io/v1": [{ kind: "Lease" }],
  "discovery.k8s.io/v1": [{ kind: "EndpointSlice", generation: true }],
  "networking.k8s.io/v1": [{ kind: "NetworkPolicy", plural: "networkpolicies", short: ["netpol"], generation: true }],
  "policy/v1": [{ kind: "PodDisruptionBudget", short: ["pdb"], status: true, generation: true }],
  "rbac.authorization.k8s.io/v1": [
    { kind: "ClusterRoleBinding", cluster: true },
    { kind: "ClusterRole", cluster: true },
    { kind: "RoleBinding" },
    { kind: "Role" },
  ],
  "scheduling.k8s.io/v1": [
    { kind: "PriorityClass", plural: "priorityclasses", short: ["pc"], cluster: true, generation: true },
  ],
  "admissionregistration.k8s.io/v1": [
    {
      kind: "ValidatingAdmissionPolicy",
      plural: "validatingadmissionpolicies",
      cluster: true,
      status: true,
      generation: true,
    },
    { kind: "ValidatingAdmissionPolicyBinding", cluster: true, generation: true },
    { kind: "ValidatingWebhookConfiguration", categories: ["api-extensions"], cluster: true, generation: true },
    { kind: "MutatingWebhookConfiguration", categories: ["api-extensions"], cluster: true, generation: true },
  ],
  "apiextensions.k8s.io/v1": [
    {
      kind: "CustomResourceDefinition",
      short: ["crd", "crds"],
      categories: ["api-extensions"],
      cluster: true,
      status: true,
      generation: true,
    },
  ],
};

function resourceOf(groupVersion: string, row: Row): Resource {
  const [first, second] = groupVersion.split("/");
  const singular = row.kind.toLowerCase();
  return {
    group: second === undefined ? "" : (first ?? ""),
    version: second ?? first ?? "",
    plural: row.plural ?? `${singular}s`,
    singular,
    kind: row.kind,
    listKind: `${row.kind}List`,
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced: row.cluster !== true,
    status: row.status === true,
    generation: row.generation === true,
    schema: builtInSchema(row.kind),
    ...(row.storedAs === undefined ? {} : { storedAs: row.storedAs }),
  };
}

/** Every built-in resource, in the order in which discovery lists the groups. */
export const builtInResources: readonly Resource[] = Object.entries(groups).flatMap(([groupVersion, rows]) =>
  rows.map((row) => resourceOf(groupVersion, row)),
);

import { type AnnotationIssue, type ClusterFacts, maxAddressesOf } from "@herald-lb/k8s-glue/ipam";
import type { Namespace } from "@herald-lb/k8s-glue/objects";

/** The labels and quotas of Namespaces, by which the ledger decides about Services. */
export interface NamespaceFacts extends Pick<ClusterFacts, "namespaces" | "quotas"> {
  /** The annotations that cannot be read, each with its Namespace. */
  readonly faults: readonly { readonly namespace: Namespace; readonly issue: AnnotationIssue }[];
}

/** Reads labels and quotas of all Namespaces. */
export function namespaceFactsOf(list: readonly Namespace[]): NamespaceFacts {
  const quotas = new Map<string, number>();
  const faults: { namespace: Namespace; issue: AnnotationIssue }[] = [];
  for (const namespace of list) {
    const most = maxAddressesOf(namespace);
    if (!most.ok) faults.push({ namespace, issue: most.error });
    else if (most.value !== null) quotas.set(nameOf(namespace), most.value);
  }
  return {
    namespaces: new Map(list.map((namespace) => [nameOf(namespace), namespace.metadata?.labels ?? {}])),
    quotas,
    faults,
  };
}

/** The labels and the quota of a Namespace. */
export function partOfNamespace(namespace: Namespace): readonly unknown[] {
  const most = maxAddressesOf(namespace);
  return [namespace.metadata?.labels ?? {}, most.ok ? most.value : most.error];
}

function nameOf({ metadata }: Namespace): string {
  return metadata?.name ?? "";
}

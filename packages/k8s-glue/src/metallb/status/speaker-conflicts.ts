import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import type { ReportedConflict } from "../crd/address-conflict.ts";
import type { SessionNode } from "./established.ts";

/** A conflict with the name of the Node that reports it. */
export interface NodeConflict extends ReportedConflict {
  readonly node: string;
}

/** The conflicts that the speakers of a cluster report, by address: each list by node and interface. An address without conflicts has no entry. */
export type ConflictsByAddress = ReadonlyMap<IpAddress, readonly NodeConflict[]>;

/**
 * The conflicts in the ConfigurationStates of speakers. A report of a Node that does not exist, or that the control plane has lost, does not count; while no
 * Nodes are known (the list is empty), every report does.
 */
export function addressConflictsOf(
  states: readonly KubernetesObject[],
  nodes: readonly SessionNode[],
): ConflictsByAddress {
  const reachable = new Set(nodes.filter(({ isReachable }) => isReachable).map(({ name }) => name));
  const reported = states.flatMap((state) => {
    const node = state.metadata?.labels?.["metallb.io/node-name"];
    if (node === undefined || (nodes.length > 0 && !reachable.has(node))) return [];
    return reportedConflictsOf(state).map((conflict): NodeConflict => ({ ...conflict, node }));
  });
  const conflicts = new Map<IpAddress, NodeConflict[]>();
  for (const each of reported.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))) {
    const address = parseIpAddress(each.address);
    if (!address.ok) continue;
    const known = conflicts.get(address.value);
    if (known === undefined) conflicts.set(address.value, [each]);
    else known.push(each);
  }
  return conflicts;
}

/** The conflicts in one ConfigurationState; empty where it has none. What is not as Herald writes it is left out. */
export function reportedConflictsOf(state: KubernetesObject): readonly ReportedConflict[] {
  const { status } = state as { readonly status?: { readonly addressConflicts?: unknown } };
  const conflicts: unknown = status?.addressConflicts;
  return Array.isArray(conflicts) ? conflicts.filter(isConflict) : [];
}

function placeOf({ node, interface: on }: NodeConflict): string {
  return `${node} ${on}`;
}

function isConflict(value: unknown): value is ReportedConflict {
  const each = (value ?? {}) as Partial<Readonly<Record<keyof ReportedConflict, unknown>>>;
  return [each.address, each.hardwareAddress, each.interface].every((field) => typeof field === "string");
}

import type { Usage } from "@herald-lb/allocator";
import type { KubernetesObject, ObjectMeta, ObjectRef } from "@herald-lb/k8s-glue/objects";
import type { IpFamily } from "@herald-lb/sansio";
import type { ConfigIssue } from "../config/issue.ts";
import type { BGPPeerStatus } from "../crd/bgp-peer.ts";
import type { IPAddressPoolStatus } from "../crd/ip-address-pool.ts";
import { acceptedConditions } from "./accepted.ts";
import { establishedCondition, type EstablishedState } from "./established.ts";
import { prefixLimitCondition } from "./prefix-limit.ts";
import { programmedCondition, type ProgrammedState } from "./programmed.ts";
import { datedConditions } from "./transition.ts";

/** An object whose status is applied. */
export interface StatusApply<Status> extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status: Status;
}

/** The facts that the status of a configuration object is made of. */
export interface ConfigStatusInput {
  readonly object: ObjectRef;
  /** The object as the API server has it: unchanged conditions keep their lastTransitionTime. */
  readonly live: KubernetesObject | null;
  /** The object's own issues. */
  readonly issues: readonly ConfigIssue[];
  /** The effect of the object at present, of `programmedOf`. */
  readonly effect: ProgrammedState;
  /** The present as RFC 3339 text, for conditions that change. */
  readonly now: string;
}

/** The status of an L2Advertisement, BGPAdvertisement, BFDProfile or Community: its conditions. */
export function wantedConfigStatus(input: ConfigStatusInput): StatusApply<Pick<IPAddressPoolStatus, "conditions">> {
  const { object, live, issues, effect, now } = input;
  const conditions = [...acceptedConditions(issues, object.generation), programmedCondition(effect, object.generation)];
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name: object.name, namespace: object.namespace },
    status: { conditions: datedConditions(conditions, live, now) },
  };
}

/** The status of a BGPPeer: the counts of its sessions and its conditions, `Established` among them. */
export function wantedPeerStatus(
  input: ConfigStatusInput & { readonly established: EstablishedState },
): StatusApply<BGPPeerStatus> {
  const { object, live, now, established } = input;
  const wanted = wantedConfigStatus(input);
  const { prefixLimit } = established;
  const more = [
    establishedCondition(established, object.generation),
    ...(prefixLimit === undefined ? [] : [prefixLimitCondition(prefixLimit, object.generation)]),
  ];
  const conditions = [...(wanted.status.conditions ?? []), ...datedConditions(more, live, now)];
  if (established.nodes === null) return { ...wanted, status: { conditions } };
  const { established: establishedNodes, selected: selectedNodes } = established.nodes;
  return {
    ...wanted,
    status: { sessions: `${establishedNodes}/${selectedNodes}`, establishedNodes, selectedNodes, conditions },
  };
}

/** The status of an IPAddressPool: its counters and its conditions. A pool without effect has no used and no free addresses. */
export function wantedPoolStatus(
  input: ConfigStatusInput & { readonly usage: Readonly<Record<IpFamily, Usage>> | null },
): StatusApply<IPAddressPoolStatus> {
  const { usage } = input;
  const wanted = wantedConfigStatus(input);
  return {
    ...wanted,
    status: {
      assignedIPv4: countOf(usage?.IPv4.assigned),
      assignedIPv6: countOf(usage?.IPv6.assigned),
      availableIPv4: countOf(usage?.IPv4.available),
      availableIPv6: countOf(usage?.IPv6.available),
      ...wanted.status,
    },
  };
}

/** The count as a JSON number, which is exact up to 2^53-1; that number stands for every larger count. */
function countOf(count: bigint = 0n): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}

import type { Usage } from "@herald-lb/allocator";
import type { KubernetesObject, ObjectMeta, ObjectRef } from "@herald-lb/k8s-glue/objects";
import type { IpFamily } from "@herald-lb/sansio";
import type { ConfigIssue } from "../config/issue.ts";
import type { IPAddressPoolStatus } from "../crd/ip-address-pool.ts";
import { acceptedConditions } from "./accepted.ts";
import { programmedCondition, type ProgrammedState } from "./programmed.ts";
import { datedConditions } from "./transition.ts";

/** An object to apply the status of. */
export interface StatusApply<Status> extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status: Status;
}

/** What the status of a configuration object is made of. */
export interface ConfigStatusInput {
  readonly object: ObjectRef;
  /** The object as the server has it: conditions keep their dates by it. */
  readonly live: KubernetesObject | null;
  /** The object's own issues. */
  readonly issues: readonly ConfigIssue[];
  /** Whether the object has an effect now: `programmedOf`. */
  readonly effect: ProgrammedState;
  /** RFC 3339 text, for conditions that changed. */
  readonly now: string;
}

/** The status of an L2Advertisement, BGPAdvertisement, BGPPeer, BFDProfile or Community: its conditions. */
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

/** The status of an IPAddressPool: its counters beside its conditions; a pool that does not serve has neither used nor free addresses. */
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

/** JSON numbers are exact up to 2^53-1 only; that stands for every larger count. */
function countOf(count: bigint = 0n): number {
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}

import type { Demand, Port } from "@herald-lb/allocator";
import { annotationOf } from "@herald-lb/k8s-glue/metallb";
import { isOurClass, keyOf, recordedAddresses, type Service, type ServicePort } from "@herald-lb/k8s-glue/objects";
import { rangeContains } from "@herald-lb/sansio";
import type { ClusterFacts } from "./cluster-facts.ts";
import type { DemandRefusal } from "./demand-refusal.ts";
import { type EligiblePools, eligiblePools } from "./eligible-pools.ts";
import { familiesOf } from "./families.ts";
import { wasOurs } from "./ownership.ts";
import type { AllocationPolicy } from "./policy.ts";
import { requestedAddresses } from "./requested.ts";
import { serviceOptions } from "./service-options.ts";

/** The facts besides a Service that its demand depends on. */
export type DemandFacts = Pick<ClusterFacts, "configuration" | "namespaces">;

/** A Service as the allocator understands it. */
export type DemandReading =
  /** The Service is not, or no longer, of type LoadBalancer: its addresses are released and its status is emptied. */
  | { readonly type: "Released" }
  /** The Service belongs to another load balancer, by its class: nothing is read and nothing is written. */
  | { readonly type: "NotOurs" }
  | { readonly type: "Demand"; readonly demand: Demand }
  /**
   * The request cannot be met. `keep` is the demand to adopt, by which the Service keeps its addresses; null where its families are
   * unknown, so that its addresses are released.
   */
  | { readonly type: "Refused"; readonly refusal: DemandRefusal; readonly keep: Demand | null };

/** The pools that a Service may use, computed for this Service alone. */
function eligible(
  service: Service,
  { configuration, namespaces }: DemandFacts,
  policy: AllocationPolicy,
): EligiblePools {
  return eligiblePools(configuration.pools, service, namespaces, policy.spreadPools);
}

/**
 * Reads a Service into a demand. A caller that reads many Services passes `eligibility`, which it computes once for those that are
 * alike.
 */
export function demandOf(
  service: Service,
  facts: DemandFacts,
  policy: AllocationPolicy,
  eligibility: EligiblePools = eligible(service, facts, policy),
): DemandReading {
  const isOurs = isOurClass(service, policy.loadBalancerClass);
  if (service.spec?.type !== "LoadBalancer") return { type: isOurs || wasOurs(service) ? "Released" : "NotOurs" };
  if (!isOurs) return { type: "NotOurs" };
  const families = familiesOf(service);
  if (!families.ok) return { type: "Refused", refusal: families.error, keep: null };

  const { options } = serviceOptions(service);
  const { pools, permitted, requestable } = eligibility;
  const demand: Demand = {
    service: keyOf(service),
    account: service.metadata?.namespace ?? "",
    families: families.value,
    ...(options.perFamily === 1 ? {} : { perFamily: options.perFamily }),
    ports: (service.spec.ports ?? []).map(portOf),
    pools,
    permitted,
    ...(requestable.length === permitted.length ? {} : { requestable }),
    requested: [],
    ifImpossible: policy.impossibleRequests,
    recorded: recordedAddresses(service),
    sharingKey: annotationOf(service, "allow-shared-ip") || null,
    ...(options.sharesWith.length === 0 ? {} : { sharesWith: options.sharesWith }),
    backendKey: backendKeyOf(service),
  };

  const requested = requestedAddresses(service, options.perFamily);
  if (!requested.ok) return { type: "Refused", refusal: requested.error, keep: demand };
  const name = annotationOf(service, "address-pool");
  if (name === null || name === "") return { type: "Demand", demand: { ...demand, requested: requested.value } };
  // MetalLB withdraws the address of a Service whose request it cannot meet; here a policy decides.
  const impossible = policy.impossibleRequests === "Keep" ? demand : null;
  const refused = (refusal: DemandRefusal): DemandReading => ({ type: "Refused", refusal, keep: impossible });
  const named = facts.configuration.pools.find(({ pool }) => pool.name === name);
  if (named === undefined) return refused({ code: "UnknownPool", pool: name });
  if (!permitted.includes(name)) return refused({ code: "PoolNotPermitted", pool: name });
  if (!requestable.includes(name)) {
    // The Service keeps what it holds of this pool under either policy.
    const keep = impossible ?? { ...demand, permitted: [name] };
    return { type: "Refused", refusal: { code: "PoolNotRequestable", pool: name }, keep };
  }
  const outside = requested.value.filter(
    (address) => !named.pool.ranges.some((range) => rangeContains(range, address)),
  );
  if (outside.length > 0) return refused({ code: "AddressNotOfPool", addresses: outside, pool: name });
  const asked: Demand = { ...demand, requested: requested.value, pools: [name], permitted: [name] };
  if (impossible === null) return { type: "Demand", demand: asked };
  // The addresses that the Service held before it requested this pool stay until this pool has some for it.
  return { type: "Demand", demand: { ...asked, retainedPools: permitted.filter((pool) => pool !== name) } };
}

function portOf({ protocol, port }: ServicePort): Port {
  return { protocol: protocol === "UDP" || protocol === "SCTP" ? protocol : "TCP", port };
}

/**
 * The key of a Service's backends. With externalTrafficPolicy Local only nodes with an endpoint answer, so only Services with the
 * same selector can share an address.
 */
function backendKeyOf(service: Service): string {
  if (service.spec?.externalTrafficPolicy !== "Local") return "";
  const labels = Object.entries(service.spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.toSorted().join(",");
}

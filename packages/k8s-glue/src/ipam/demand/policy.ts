/** The flags that decide for all Services. */
export interface AllocationPolicy {
  /** The loadBalancerClass that this instance serves; null for Services without a class. */
  readonly loadBalancerClass: string | null;
  /** The fate of the addresses of a Service whose request for others cannot be met. MetalLB withdraws them: `Release`. */
  readonly impossibleRequests: "Keep" | "Release";
  /** True if the emptiest of several pools of one priority is used, not the first by name. */
  readonly spreadPools: boolean;
}

/** The policy without any flag. */
export const defaultAllocationPolicy: AllocationPolicy = {
  loadBalancerClass: null,
  impossibleRequests: "Keep",
  spreadPools: false,
};

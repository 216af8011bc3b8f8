/** What whoever runs Herald has decided for all Services. */
export interface AllocationPolicy {
  /** The class whose Services are ours; null for those without one. */
  readonly loadBalancerClass: string | null;
  /** What a Service is left with that holds addresses and requests others which cannot be given. MetalLB leaves none: `Release`. */
  readonly impossibleRequests: "Keep" | "Release";
  /** Whether, among pools of one priority, the emptiest is taken instead of the first by name. */
  readonly spreadPools: boolean;
}

/** As it is where nobody says otherwise. */
export const defaultAllocationPolicy: AllocationPolicy = {
  loadBalancerClass: null,
  impossibleRequests: "Keep",
  spreadPools: false,
};

import type { Flag, FlagValues } from "@herald-lb/daemon";
import type { AllocationPolicy } from "@herald-lb/k8s-glue/ipam";
import type { HostAddresses } from "@herald-lb/k8s-glue/metallb";

/** The flags that decide for all Services. */
export const POLICY_FLAGS: readonly Flag[] = [
  {
    name: "impossible-requests",
    type: "string",
    default: "keep",
    choices: ["keep", "release"],
    help: "a Service whose request cannot be met keeps its addresses (keep), or loses them as with MetalLB (release)",
  },
  {
    name: "spread-pools",
    type: "boolean",
    default: false,
    help: "among pools of equal priority, take the one with the largest free share instead of the first by name",
  },
  {
    name: "node-addresses",
    type: "string",
    default: "warn",
    choices: ["warn", "refuse", "ignore"],
    help: "for addresses of nodes and of their default routers inside a pool: report them (warn), report them and never assign them (refuse), or do nothing (ignore)",
  },
];

/** Reads the policy of allocation from the flags. */
export function allocationPolicyOf(flags: Pick<FlagValues, "text" | "isSet">): AllocationPolicy {
  const loadBalancerClass = flags.text("lb-class");
  return {
    loadBalancerClass: loadBalancerClass === "" ? null : loadBalancerClass,
    impossibleRequests: flags.text("impossible-requests") === "release" ? "Release" : "Keep",
    spreadPools: flags.isSet("spread-pools"),
  };
}

/** Reads the policy for addresses of nodes and gateways inside pools from the flags. */
export function hostAddressPolicyOf(flags: Pick<FlagValues, "text">): HostAddresses["policy"] {
  switch (flags.text("node-addresses")) {
    case "refuse":
      return "Refuse";
    case "ignore":
      return "Ignore";
    default:
      return "Warn";
  }
}

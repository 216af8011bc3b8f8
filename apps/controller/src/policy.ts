import type { Flag, FlagValues } from "@herald-lb/daemon";
import type { AllocationPolicy } from "@herald-lb/k8s-glue/ipam";
import type { Surroundings } from "@herald-lb/k8s-glue/metallb";

/** The flags by which whoever runs the controller decides for all Services. */
export const POLICY_FLAGS: readonly Flag[] = [
  {
    name: "impossible-requests",
    type: "string",
    default: "keep",
    choices: ["keep", "release"],
    help: "what a Service is left with that asks for what cannot be given: what it holds, or, as with MetalLB, nothing",
  },
  {
    name: "spread-pools",
    type: "boolean",
    default: false,
    help: "of pools of one priority the emptiest gives, not the first by name",
  },
  {
    name: "node-addresses",
    type: "string",
    default: "warn",
    choices: ["warn", "refuse", "ignore"],
    help: "addresses of nodes and of their default routers that a pool spans: say so, or say so and never give them",
  },
];

/** What is decided about Services. */
export function allocationPolicyOf(flags: Pick<FlagValues, "text" | "isSet">): AllocationPolicy {
  const loadBalancerClass = flags.text("lb-class");
  return {
    loadBalancerClass: loadBalancerClass === "" ? null : loadBalancerClass,
    impossibleRequests: flags.text("impossible-requests") === "release" ? "Release" : "Keep",
    spreadPools: flags.isSet("spread-pools"),
  };
}

/** What is decided about addresses of nodes and gateways that a pool spans. */
export function hostAddressPolicyOf(flags: Pick<FlagValues, "text">): Surroundings["policy"] {
  switch (flags.text("node-addresses")) {
    case "refuse":
      return "Refuse";
    case "ignore":
      return "Ignore";
    default:
      return "Warn";
  }
}

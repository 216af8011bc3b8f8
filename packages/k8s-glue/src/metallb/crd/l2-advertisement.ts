import * as z from "zod";
import {
  type FieldsOf,
  integer,
  labelSelector,
  names,
  selectors,
  statusWithConditions,
  uniqueNames,
} from "./schema.ts";

const preferred = z.object({
  weight: integer(1, 100, "How much such nodes are preferred; the weights of all that match are added up."),
  preference: labelSelector,
});

/** Schema of `spec`. */
export const l2AdvertisementSpec = z
  .object({
    ipAddressPools: uniqueNames("Pools to announce, by name.").exactOptional(),
    ipAddressPoolSelectors: selectors(
      "Selects pools to announce, in addition to those named. With neither, every pool is announced.",
    ).exactOptional(),
    nodeSelectors: selectors("Selects the nodes that may announce; without it, all of them may.").exactOptional(),
    interfaces: names("Interfaces to answer on, by their exact names; without it, all of them.").exactOptional(),
    serviceSelectors: selectors("Selects the Services to announce; without it, all of them.").exactOptional(),
    preferredNodeSelectors: z
      .array(preferred)
      .max(1000)
      .exactOptional()
      .meta({ description: "Nodes that should announce rather than others, as long as they can." }),
    sticky: z.boolean().exactOptional().meta({
      description:
        "True to leave an address on the node that announces it, as long as that node can, when a node comes back that stands before it in the order; false when absent: the address goes back to the first node. A Service is sticky where one of its advertisements is.",
    }),
    electionScope: z.enum(["Service", "IPFamily"]).exactOptional().meta({
      description:
        "What one election decides. Service, as when absent: one node announces all addresses of a Service. IPFamily: the IPv4 and the IPv6 addresses are elected apart, and may be on two nodes. It is IPFamily for a Service where one of its advertisements says so.",
    }),
    addressDistribution: z.enum(["Hash", "Spread"]).exactOptional().meta({
      description:
        "How addresses are distributed over the nodes that may announce them. Hash, as when absent: each by its own hash, so that some nodes hold many more than others. Spread: no node holds more than its share plus one. It is Spread for a Service where one of its advertisements says so.",
    }),
  })
  .meta({ description: "Which pools are announced on the segment, by which nodes, where." });

/** `spec` of an L2Advertisement. */
export type L2AdvertisementSpec = FieldsOf<typeof l2AdvertisementSpec>;

/** Schema of `status`. */
export const l2AdvertisementStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the advertisement is accepted.",
);

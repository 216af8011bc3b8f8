import * as z from "zod";
import {
  type FieldMeta,
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
    interfaces: names(
      "Interfaces to answer on, by their exact names; with neither names nor patterns, all of them.",
    ).exactOptional(),
    serviceSelectors: selectors("Selects the Services to announce; without it, all of them.").exactOptional(),
    preferredNodeSelectors: z
      .array(preferred)
      .max(1000)
      .exactOptional()
      .meta({ description: "Nodes that should announce rather than others, as long as they can." }),
    interfacePatterns: uniqueNames(
      "Regular expressions that select interfaces to answer on, in addition to those named, for example ^ens[0-9]+$; without either, all of them.",
    ).exactOptional(),
    interfaceSelection: z.enum(["All", "Subnet"]).exactOptional().meta({
      description:
        "Which of the interfaces, or of those selected by name or pattern, are answered on. All, as when absent: each. Subnet: for an address those that have one on the same subnet; nodes without such an interface do not announce it.",
    }),
    refreshInterval: z
      .string()
      .max(64)
      .exactOptional()
      .meta({
        description:
          "Duration, for example 60s, within which an address is announced again and again while it is announced, for switches that forget it; at least 1s. When absent it is announced five times when a node begins, as in MetalLB.",
        "x-kubernetes-validations": [
          {
            rule: "duration(self) >= duration('1s')",
            message: "refreshInterval must be a duration of a second or more, for example 60s",
          },
        ],
      } satisfies FieldMeta),
    arpAnnouncementForm: z.enum(["Request", "Reply", "Both"]).exactOptional().meta({
      description:
        "ARP packets by which an IPv4 address is announced: Request, which is RFC 5227's, Reply, or Both, as in MetalLB and when absent. Some stacks heed only one of them.",
    }),
    sticky: z.boolean().exactOptional().meta({
      description:
        "True to leave an address on the node that announces it, as long as that node can, when a node comes back that stands before it in the order; false when absent: the address goes back to the first node. A Service is sticky where one of its advertisements is.",
    }),
    conflictPolicy: z.enum(["Probe", "Announce"]).exactOptional().meta({
      description:
        "Probe to ask whether another station has an address before it is announced first by any node, and not to announce it while one has; Announce, also when absent, not to ask. A Service is probed where one of its advertisements says so.",
    }),
    onConflict: z.enum(["Defend", "Yield"]).exactOptional().meta({
      description:
        "What to do when another station claims an address that is announced: Defend, also when absent, to go on; Yield to give it up until the station is gone. A Service yields where one of its advertisements says so.",
    }),
    electionScope: z.enum(["Service", "IPFamily"]).exactOptional().meta({
      description:
        "What one election decides. Service, as when absent: one node announces all addresses of a Service. IPFamily: the IPv4 and the IPv6 addresses are elected apart, and may be on two nodes. It is IPFamily for a Service where one of its advertisements says so.",
    }),
    addressDistribution: z.enum(["Hash", "Spread"]).exactOptional().meta({
      description:
        "How addresses are distributed over the nodes that may announce them. Hash, as when absent: each by its own hash, so that some nodes hold many more than others. Spread: no node holds more than its share plus one. It is Spread for a Service where one of its advertisements says so.",
    }),
    loadSharing: z.enum(["None", "PerClient"]).exactOptional().meta({
      description:
        "How the traffic of one address is shared. None, as when absent: one node takes all of it. PerClient: every node that may announce serves its part of the clients, which learn from their own node alone where the address is. It is PerClient for a Service where one of its advertisements says so and none probes or yields.",
    }),
    rebalance: z.boolean().exactOptional().meta({
      description:
        "With loadSharing PerClient: true to move clients at once to a node that comes back or joins; false when absent: each client stays with its node until it asks anew. A Service rebalances where one of its advertisements does.",
    }),
  })
  .meta({ description: "Which pools are announced on the segment, by which nodes, where." });

/** `spec` of an L2Advertisement. */
export type L2AdvertisementSpec = FieldsOf<typeof l2AdvertisementSpec>;

/** Schema of `status`. */
export const l2AdvertisementStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the advertisement is accepted.",
);

import * as z from "zod";
import { conflictFields } from "./address-conflict.ts";
import { serviceRouteFields } from "./service-routes.ts";
import type { FieldMeta, FieldsOf } from "./schema.ts";

const immutable = (description: string): z.ZodString =>
  z.string().meta({
    description,
    "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "Value is immutable" }],
  } satisfies FieldMeta);

const whoAndWhere = {
  node: immutable("Node that announces the Service.").exactOptional(),
  serviceName: immutable("Name of the Service.").exactOptional(),
  serviceNamespace: immutable("Namespace of the Service.").exactOptional(),
};

/** Schema of `spec` of both kinds, which is empty. */
export const emptySpec: z.ZodType<Record<string, unknown>> = z.object({}).meta({ description: "Empty." });

/** Schema of `status` of a ServiceL2Status. */
export const serviceL2Status = z
  .object({
    ...whoAndWhere,
    addresses: z
      .array(z.string())
      .exactOptional()
      .meta({ description: "Addresses of the Service for which the node answers." }),
    interfaces: z
      .array(z.object({ name: z.string().exactOptional().meta({ description: "Name of the interface." }) }))
      .exactOptional()
      .meta({ description: "Interfaces on which the node answers; none for all of them." }),
    reason: z.string().exactOptional().meta({
      description:
        "Why the node came to answer: Started, NodeDied, NodeLeft, LinkLost, RanksFirst, Spread, LoadSharing or CandidatesChanged.",
    }),
    previousNode: z.string().exactOptional().meta({ description: "Node that answered before, where it is known." }),
    conflicts: z.array(z.object(conflictFields)).exactOptional().meta({
      description:
        "Other stations that have an address of the Service: the node does not announce it on that interface, and does once the station is gone.",
    }),
    clients: z.int().exactOptional().meta({
      description:
        "With loadSharing PerClient: how many clients the node serves, as far as they have asked; brought up to date at most every 30 seconds.",
    }),
    detectedBy: z.array(z.string()).exactOptional().meta({ description: "Nodes that found the previous node dead." }),
  })
  .meta({ description: "Which node answers for the Service." });

/** `status` of a ServiceL2Status: the node that answers for a Service; no interfaces stand for all of them. */
export type ServiceL2StatusStatus = FieldsOf<typeof serviceL2Status>;

/** Schema of `status` of a ServiceBGPStatus. */
export const serviceBGPStatus = z
  .object({
    ...whoAndWhere,
    peers: z.array(z.string()).exactOptional().meta({ description: "Peers to which the Service is announced." }),
    ...serviceRouteFields,
  })
  .meta({ description: "To which peers the node announces the Service." });

/** `status` of a ServiceBGPStatus: the peers to which a node announces a Service. */
export type ServiceBGPStatusStatus = FieldsOf<typeof serviceBGPStatus>;

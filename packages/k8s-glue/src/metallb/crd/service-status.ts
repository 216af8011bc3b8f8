import { z } from "zod";
import type { FieldMeta } from "./schema.ts";

/** `status` of a ServiceL2Status: which node answers for a Service. */
export interface ServiceL2StatusStatus {
  readonly node?: string;
  readonly serviceName?: string;
  readonly serviceNamespace?: string;
  /** Empty for all interfaces. */
  readonly interfaces?: readonly { readonly name?: string }[];
}

/** `status` of a ServiceBGPStatus: to whom a node announces a Service. */
export interface ServiceBGPStatusStatus {
  readonly node?: string;
  readonly serviceName?: string;
  readonly serviceNamespace?: string;
  readonly peers?: readonly string[];
}

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

/** Schema of `spec` of both kinds, which say nothing there. */
export const emptySpec: z.ZodType<Record<string, unknown>> = z.object({}).meta({ description: "Empty." });

/** Schema of `status` of a ServiceL2Status. */
export const serviceL2Status: z.ZodType<ServiceL2StatusStatus> = z
  .object({
    ...whoAndWhere,
    interfaces: z
      .array(z.object({ name: z.string().exactOptional().meta({ description: "Name of the interface." }) }))
      .exactOptional()
      .meta({ description: "Interfaces on which the node answers; none for all of them." }),
  })
  .meta({ description: "Which node answers for the Service." });

/** Schema of `status` of a ServiceBGPStatus. */
export const serviceBGPStatus: z.ZodType<ServiceBGPStatusStatus> = z
  .object({
    ...whoAndWhere,
    peers: z.array(z.string()).exactOptional().meta({ description: "Peers to which the Service is announced." }),
  })
  .meta({ description: "To which peers the node announces the Service." });

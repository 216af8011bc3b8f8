import type { Condition } from "@herald-lb/k8s-glue/objects";
import { z } from "zod";
import { conditions, type FieldMeta } from "./schema.ts";

/** `status` of a ConfigurationState. */
export interface ConfigurationStateStatus {
  readonly result?: "Valid" | "Invalid" | "Unknown";
  readonly errorSummary?: string;
  readonly conditions?: readonly Condition[];
}

/** Schema of `spec`; releases of MetalLB differ in what they keep there. */
export const configurationStateSpec: z.ZodType<Record<string, unknown>> = z
  .object({})
  .meta({ description: "Not used.", "x-kubernetes-preserve-unknown-fields": true } satisfies FieldMeta);

/** Schema of `status`. */
export const configurationStateStatus: z.ZodType<ConfigurationStateStatus> = z
  .object({
    result: z
      .enum(["Valid", "Invalid", "Unknown"])
      .exactOptional()
      .meta({ description: "Whether the component could use the whole configuration." }),
    errorSummary: z.string().exactOptional().meta({ description: "What it could not use, a line each." }),
    conditions: conditions.exactOptional(),
  })
  .meta({
    description: "What one component makes of the configuration.",
    "x-kubernetes-preserve-unknown-fields": true,
  } satisfies FieldMeta);

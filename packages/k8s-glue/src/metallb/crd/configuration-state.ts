import * as z from "zod";
import { reportedConflict } from "./address-conflict.ts";
import { bgpSession } from "./bgp-session.ts";
import { conditions, type FieldMeta, type FieldsOf } from "./schema.ts";

/** The largest number of conflicts in one report: a router that answers for every address must not fill the object. */
export const MOST_CONFLICTS = 500;

/** Schema of `spec`, whose content differs between releases of MetalLB. */
export const configurationStateSpec: z.ZodType<Record<string, unknown>> = z
  .object({})
  .meta({ description: "Not used.", "x-kubernetes-preserve-unknown-fields": true } satisfies FieldMeta);

/** Schema of `status`. */
export const configurationStateStatus = z
  .object({
    result: z
      .enum(["Valid", "Invalid", "Unknown"])
      .exactOptional()
      .meta({ description: "Whether the component could use the whole configuration." }),
    errorSummary: z.string().exactOptional().meta({ description: "What it could not use, a line each." }),
    conditions: conditions.exactOptional(),
    bgpSessions: z
      .array(bgpSession)
      .exactOptional()
      .meta({
        description: "The BGP sessions of a speaker's node, one for each BGPPeer that selects it.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["peer"],
      } satisfies FieldMeta),
    addressConflicts: z
      .array(reportedConflict)
      .max(MOST_CONFLICTS)
      .exactOptional()
      .meta({
        description:
          "Other stations on the segment that have addresses of Services, so that the speaker's node does not announce these on that interface.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["address", "interface"],
      } satisfies FieldMeta),
  })
  .meta({
    description: "What one component makes of the configuration.",
    "x-kubernetes-preserve-unknown-fields": true,
  } satisfies FieldMeta);

/** `status` of a ConfigurationState. */
export type ConfigurationStateStatus = FieldsOf<typeof configurationStateStatus>;

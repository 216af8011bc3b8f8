import * as z from "zod";
import { type FieldMeta, type FieldsOf, statusWithConditions } from "./schema.ts";
import { communityRules } from "./validation-rule.ts";

const wellFormed = {
  rule: "self.matches('^([0-9]{1,18}:[0-9]{1,18}|large:[0-9]{1,18}:[0-9]{1,18}:[0-9]{1,18})$')",
  message: "value is not a community, for example 65000:100 or large:65000:1:2",
};

const alias = z.object({
  name: z
    .string()
    .max(253)
    .exactOptional()
    .meta({ description: "Name to use in BGPAdvertisements; unique in all Community objects." }),
  value: z
    .string()
    .max(64)
    .exactOptional()
    .meta({
      description: "The community: 65000:100 (RFC 1997) or large:65000:1:2 (RFC 8092).",
      "x-kubernetes-validations": [wellFormed, ...communityRules],
    } satisfies FieldMeta),
});

/** Schema of `spec`. */
export const communitySpec = z
  .object({ communities: z.array(alias).max(10_000).exactOptional().meta({ description: "Names for communities." }) })
  .meta({ description: "Names for BGP communities." });

/** `spec` of a Community. */
export type CommunitySpec = FieldsOf<typeof communitySpec>;

/** Schema of `status`. */
export const communityStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the names are accepted.",
);

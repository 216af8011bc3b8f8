import { z } from "zod";
import { statusWithConditions } from "./schema.ts";

/** `spec` of a Community. */
export interface CommunitySpec {
  readonly communities?: readonly { readonly name?: string; readonly value?: string }[];
}

const alias = z.object({
  name: z
    .string()
    .exactOptional()
    .meta({ description: "Name to use in BGPAdvertisements; unique in all Community objects." }),
  value: z
    .string()
    .exactOptional()
    .meta({ description: "The community: 65000:100 (RFC 1997) or large:65000:1:2 (RFC 8092)." }),
});

/** Schema of `spec`. */
export const communitySpec: z.ZodType<CommunitySpec> = z
  .object({ communities: z.array(alias).exactOptional().meta({ description: "Names for communities." }) })
  .meta({ description: "Names for BGP communities." });

/** Schema of `status`. */
export const communityStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the names are accepted.",
);

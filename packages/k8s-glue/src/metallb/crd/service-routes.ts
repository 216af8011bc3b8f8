import * as z from "zod";

const text = (description: string): z.ZodExactOptional<z.ZodString> => z.string().meta({ description }).exactOptional();
const texts = (description: string): z.ZodExactOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string()).meta({ description }).exactOptional();
const number = (description: string): z.ZodExactOptional<z.ZodNumber> =>
  z.number().meta({ description, format: "int64" }).exactOptional();

const route = z.object({
  prefix: z.string().meta({ description: "Prefix of the route." }),
  peers: texts("Peers that the route is for; all of the node's when absent."),
  nextHop: text("Next hop; the node's own address when absent."),
  localPref: number("LOCAL_PREF for internal peers; 100 when absent."),
  med: number("MULTI_EXIT_DISC; none when absent."),
  asPathPrepend: number("How often the own AS number is prepended beyond the usual one time."),
  linkBandwidth: number("Bandwidth by which a router divides traffic among the nodes, in megabits a second."),
  communities: texts("Communities, large and extended ones among them."),
});

/** The fields of a ServiceBGPStatus's `status` that MetalLB does not have. */
export const serviceRouteFields = {
  routes: z
    .array(route)
    .meta({ description: "Routes of the Service, where one has attributes beyond the prefix." })
    .exactOptional(),
  conflictingAdvertisements: z
    .array(
      z.object({
        advertisement: z.string().meta({ description: "BGPAdvertisement that is not used for the Service." }),
        usedInstead: z.string().meta({ description: "Older BGPAdvertisement that is used instead." }),
        field: z.string().meta({ description: "Field in which they differ." }),
      }),
    )
    .meta({ description: "BGPAdvertisements that are not used for the Service because of an older one." })
    .exactOptional(),
  refused: z
    .array(
      z.object({
        annotation: z.string().meta({ description: "Annotation of the Service." }),
        value: z.string().meta({ description: "Value in it." }),
      }),
    )
    .meta({
      description: "Values in annotations that no BGPAdvertisement of the Service allows, so that they have no effect.",
    })
    .exactOptional(),
};

import * as z from "zod";
import { type FieldMeta, integer, uniqueNames } from "./schema.ts";
import { communityRules } from "./validation-rule.ts";

const MAX_U32 = 4_294_967_295;
const octet = "[0-9]{1,3}";
const extendedPattern = `^(rt|ro):([0-9]{1,10}|${octet}\\.${octet}\\.${octet}\\.${octet}):[0-9]{1,10}$`;

/** Communities, each as 65000:100, as large:65000:1:2, or by a name that a Community object gives. */
export function communityList(description: string): z.ZodType<readonly string[]> {
  const community = z
    .string()
    .max(253)
    .meta({ "x-kubernetes-validations": communityRules } satisfies FieldMeta);
  // An UPDATE message has no room for more.
  return z
    .array(community)
    .max(1000)
    .meta({ description, "x-kubernetes-list-type": "set" } satisfies FieldMeta);
}

const extendedCommunities = z
  .array(
    z
      .string()
      .max(64)
      .meta({ pattern: extendedPattern } satisfies FieldMeta),
  )
  .max(500)
  .meta({
    description:
      "Extended communities to attach (RFC 4360): a route target rt:65000:100 or a route origin ro:65000:100, with an AS number or an IPv4 address first.",
    "x-kubernetes-list-type": "set",
  } satisfies FieldMeta);

const nextHop = (field: string, family: string): z.ZodString =>
  z
    .string()
    .max(64)
    .meta({
      description: `${family} address to announce as the next hop of ${family} routes in place of the node's own.`,
      "x-kubernetes-validations": [{ rule: "isIP(self)", message: `${field} is not an ${family} address` }],
    } satisfies FieldMeta);

const gracefulShutdownTime = z
  .string()
  .max(64)
  .meta({
    description:
      "Duration, for example 10s, for which routes carry the community GRACEFUL_SHUTDOWN (65535:0, RFC 8326) and LOCAL_PREF 0 before they are withdrawn because the node is excluded from load balancers or its speaker stops without a graceful restart. While the node is cordoned they carry both and stay. When absent, a cordon changes nothing and routes are withdrawn at once, as in MetalLB.",
    "x-kubernetes-validations": [
      {
        rule: "duration(self) >= duration('0s') && duration(self) <= duration('1h')",
        message: "gracefulShutdownTime must be a duration up to 1h, for example 10s",
      },
    ],
  } satisfies FieldMeta);

const serviceOverrides = z
  .object({
    namespaces: uniqueNames("Namespaces whose Services may; those of every namespace when absent.").exactOptional(),
    communities: communityList(
      "Communities that a Service may have attached by its annotation herald-lb.io/bgp-communities; none when absent.",
    ).exactOptional(),
    localPref: z
      .object({
        minimum: integer(0, MAX_U32, "The least value."),
        maximum: integer(0, MAX_U32, "The greatest value."),
      })
      .exactOptional()
      .meta({
        description:
          "The range of LOCAL_PREF that a Service may set for its routes by its annotation herald-lb.io/bgp-local-pref; none when absent.",
      }),
  })
  .meta({
    description: "Attributes that Services may set by annotations. Without it, their annotations have no effect.",
  });

/** The fields of a BGPAdvertisement's `spec` that MetalLB does not have. Without them it behaves as in MetalLB. */
export const bgpAdvertisementExtensions = {
  med: z.exactOptional(integer(0, MAX_U32, "MULTI_EXIT_DISC, RFC 4271; the lower is preferred. Not sent when absent.")),
  asPathPrepend: z.exactOptional(
    integer(
      0,
      32,
      "How often the own AS number is put before the AS_PATH beyond the one time that an external session demands; internal peers see an empty path. 0 when absent.",
    ),
  ),
  nextHop: z.exactOptional(nextHop("nextHop", "IPv4")),
  nextHopV6: z.exactOptional(nextHop("nextHopV6", "IPv6")),
  extendedCommunities: z.exactOptional(extendedCommunities),
  linkBandwidthPerEndpoint: z.exactOptional(
    integer(
      1,
      1_000_000,
      "Bandwidth in megabits a second that each ready endpoint on a node stands for: the routes of Services with externalTrafficPolicy Local carry the sum as a Link Bandwidth extended community, by which a router divides traffic among the nodes. Only the relation between nodes counts. Not sent when absent.",
    ),
  ),
  gracefulShutdownTime: z.exactOptional(gracefulShutdownTime),
  serviceOverrides: z.exactOptional(serviceOverrides),
};

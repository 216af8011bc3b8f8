import * as z from "zod";
import { bgpAdvertisementExtensions, communityList } from "./bgp-advertisement-extensions.ts";
import { type FieldMeta, type FieldsOf, integer, selectors, statusWithConditions, uniqueNames } from "./schema.ts";

const selectorsOrAggregation = {
  rule: "!has(self.serviceSelectors) || size(self.serviceSelectors) == 0 || ((!has(self.aggregationLength) || self.aggregationLength == 32) && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))",
  message: "serviceSelectors and an aggregation length exclude each other",
};

const communities = communityList(
  "Communities to attach: 65000:100 (RFC 1997), large:65000:1:2 (RFC 8092), or a name that a Community object gives.",
);

/** Schema of `spec`. */
export const bgpAdvertisementSpec = z
  .object({
    aggregationLength: z
      .int()
      .min(1)
      .max(32)
      .default(32)
      .meta({ description: "Length of the IPv4 prefixes to announce: 32 announces every address by itself." }),
    aggregationLengthV6: z
      .int()
      .min(0)
      .max(128)
      .default(128)
      .meta({ description: "Length of the IPv6 prefixes to announce: 128 announces every address by itself." }),
    localPref: integer(
      0,
      4_294_967_295,
      "LOCAL_PREF for internal peers, RFC 4271; the higher is preferred.",
    ).exactOptional(),
    communities: z.exactOptional(communities),
    ipAddressPools: uniqueNames("Pools to announce, by name.").exactOptional(),
    ipAddressPoolSelectors: selectors(
      "Selects pools to announce, in addition to those named. With neither, every pool is announced.",
    ).exactOptional(),
    nodeSelectors: selectors("Selects the nodes that announce; without it, all of them do.").exactOptional(),
    peers: uniqueNames(
      "Peers to announce to, by the names of their BGPPeer objects; without it, to all of them.",
    ).exactOptional(),
    serviceSelectors: selectors("Selects the Services to announce; without it, all of them.").exactOptional(),
    ...bgpAdvertisementExtensions,
  })
  .meta({
    description: "Which pools are announced to which BGP peers, and with which attributes.",
    "x-kubernetes-validations": [selectorsOrAggregation],
  } satisfies FieldMeta);

/** `spec` of a BGPAdvertisement. */
export type BGPAdvertisementSpec = FieldsOf<typeof bgpAdvertisementSpec>;

/** Schema of `status`. */
export const bgpAdvertisementStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the advertisement is accepted.",
);

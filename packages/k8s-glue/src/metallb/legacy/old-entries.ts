import type { LabelSelectorRequirement } from "@herald-lb/k8s-glue/objects";
import * as z from "zod";
import { listOf, nounOf, strictObject, text, yamlBoolean, wholeNumber } from "./old-keys.ts";

/** An entry of `node-selectors`: all of it must match. */
export interface OldNodeSelector {
  readonly "match-labels"?: Readonly<Record<string, string>> | undefined;
  readonly "match-expressions"?: readonly LabelSelectorRequirement[] | undefined;
}

/** An entry of `peers`. Durations are text as Go writes them. */
export interface OldPeer {
  readonly "my-asn": number;
  readonly "peer-asn": number;
  readonly "peer-address": string;
  readonly "source-address"?: string | undefined;
  readonly "peer-port"?: number | undefined;
  readonly "hold-time"?: string | undefined;
  readonly "keepalive-time"?: string | undefined;
  readonly "router-id"?: string | undefined;
  readonly password?: string | undefined;
  readonly "bfd-profile"?: string | undefined;
  readonly "ebgp-multihop"?: boolean | undefined;
  readonly "node-selectors"?: readonly OldNodeSelector[] | undefined;
}

/** An entry of a pool's `bgp-advertisements`. */
export interface OldBgpAdvertisement {
  readonly "aggregation-length"?: number | undefined;
  readonly "aggregation-length-v6"?: number | undefined;
  readonly localpref?: number | undefined;
  readonly communities?: readonly string[] | undefined;
}

/** An entry of `address-pools`. */
export interface OldPool {
  readonly name: string;
  readonly protocol: "layer2" | "bgp";
  readonly addresses: readonly string[];
  readonly "avoid-buggy-ips"?: boolean | undefined;
  readonly "auto-assign"?: boolean | undefined;
  readonly "bgp-advertisements"?: readonly OldBgpAdvertisement[] | undefined;
}

/** An entry of `bfd-profiles`; intervals in milliseconds. */
export interface OldBfdProfile {
  readonly name: string;
  readonly "receive-interval"?: number | undefined;
  readonly "transmit-interval"?: number | undefined;
  readonly "detect-multiplier"?: number | undefined;
  readonly "echo-interval"?: number | undefined;
  readonly "echo-mode"?: boolean | undefined;
  readonly "passive-mode"?: boolean | undefined;
  readonly "minimum-ttl"?: number | undefined;
}

const oneOf = <Choice extends string>(...choices: readonly Choice[]): z.ZodType<Choice> =>
  z.custom<Choice>((value) => choices.some((choice) => choice === value), {
    error: ({ input }) => `one of ${choices.join(", ")} is needed, not ${nounOf(input)}`,
  });

const asn = wholeNumber.refine((number) => number >= 1 && number <= 4_294_967_295, {
  error: ({ input }) => `number of an autonomous system is needed, from 1 to 4294967295, not ${String(input)}`,
});
const named = text.refine((name) => name !== "", { error: "name is missing" });

const nodeSelector = strictObject({
  "match-labels": z.record(z.string(), text, { error: "mapping of labels is needed" }).optional(),
  "match-expressions": listOf(
    strictObject({
      key: text,
      operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"),
      values: listOf(text).optional(),
    }).transform(
      ({ values, ...rest }): LabelSelectorRequirement => (values === undefined ? rest : { ...rest, values }),
    ),
  ).optional(),
});

/** Schema of an entry of `peers`. */
export const oldPeer: z.ZodType<OldPeer> = strictObject({
  "my-asn": asn,
  "peer-asn": asn,
  "peer-address": text,
  "source-address": text.optional(),
  "peer-port": wholeNumber.optional(),
  "hold-time": text.optional(),
  "keepalive-time": text.optional(),
  "router-id": text.optional(),
  password: text.optional(),
  "bfd-profile": text.optional(),
  "ebgp-multihop": yamlBoolean.optional(),
  "node-selectors": listOf(nodeSelector).optional(),
});

/** Schema of an entry of `address-pools`. */
export const oldPool: z.ZodType<OldPool> = strictObject({
  name: named,
  protocol: oneOf("layer2", "bgp"),
  addresses: listOf(text),
  "avoid-buggy-ips": yamlBoolean.optional(),
  "auto-assign": yamlBoolean.optional(),
  "bgp-advertisements": listOf(
    strictObject({
      "aggregation-length": wholeNumber.optional(),
      "aggregation-length-v6": wholeNumber.optional(),
      localpref: wholeNumber.optional(),
      communities: listOf(text).optional(),
    }),
  ).optional(),
});

/** Schema of an entry of `bfd-profiles`. */
export const oldBfdProfile: z.ZodType<OldBfdProfile> = strictObject({
  name: named,
  "receive-interval": wholeNumber.optional(),
  "transmit-interval": wholeNumber.optional(),
  "detect-multiplier": wholeNumber.optional(),
  "echo-interval": wholeNumber.optional(),
  "echo-mode": yamlBoolean.optional(),
  "passive-mode": yamlBoolean.optional(),
  "minimum-ttl": wholeNumber.optional(),
});

import * as z from "zod";
import { poolExtensions } from "./ip-address-pool-extensions.ts";
import { conditions, type FieldMeta, type FieldsOf, integer, selectors, uniqueNames } from "./schema.ts";
import { addressEntryRules } from "./validation-rule.ts";

const v4 = String.raw`[0-9]{1,3}(\.[0-9]{1,3}){3}`;
const v6 = "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*";
// The API server refuses only what Herald cannot read at all. Other errors, a reversed range for instance, are reported in a
// condition with the entry.
const addressPattern = `^ *(${v4}/[0-9]{1,2}|${v6}/[0-9]{1,3}|${v4} *- *${v4}|${v6} *- *${v6}) *$`;

const addresses = z
  .array(
    z
      .string()
      .max(100)
      .meta({ pattern: addressPattern, "x-kubernetes-validations": addressEntryRules } satisfies FieldMeta),
  )
  .max(10_000)
  .meta({
    description:
      "Addresses to give out: blocks in CIDR notation (198.51.100.0/24) and ranges (198.51.100.10-198.51.100.20), IPv4 and IPv6, in the order in which they are used.",
    "x-kubernetes-validations": [{ rule: "size(self) > 0", message: "pool has no addresses to give out" }],
  } satisfies FieldMeta);

const serviceAllocation = z
  .object({
    priority: integer(
      -2_147_483_648,
      2_147_483_647,
      "Among the pools that are for a Service, the lowest number is tried first; 0 or no number is tried last.",
    ).exactOptional(),
    namespaces: uniqueNames("Namespaces whose Services may use the pool.").exactOptional(),
    namespaceSelectors: selectors(
      "Selects namespaces, in addition to those named, whose Services may use the pool.",
    ).exactOptional(),
    serviceSelectors: selectors("Selects the Services that may use the pool.").exactOptional(),
  })
  .meta({ description: "Restricts the pool to namespaces and Services; without it, every Service may use the pool." });

/** Schema of `spec`. */
export const ipAddressPoolSpec = z
  .object({
    addresses,
    autoAssign: z.boolean().default(true).meta({
      description: "Whether Services without a request for a pool or an address are assigned addresses of this one.",
    }),
    avoidBuggyIPs: z
      .boolean()
      .default(false)
      .meta({ description: "Whether IPv4 addresses that end in .0 or .255 are never given out." }),
    serviceAllocation: serviceAllocation.exactOptional(),
    ...poolExtensions,
  })
  .meta({ description: "Which addresses the pool has and who may use them." });

/** `spec` of an IPAddressPool. `coolDown` is text as Go writes durations: `10m`. */
export type IPAddressPoolSpec = FieldsOf<typeof ipAddressPoolSpec>;

const count = (description: string): z.ZodType<number> => z.int().meta({ description });

/** Schema of `status`. */
export const ipAddressPoolStatus = z
  .object({
    assignedIPv4: count("IPv4 addresses in use.").exactOptional(),
    assignedIPv6: count("IPv6 addresses in use.").exactOptional(),
    availableIPv4: count("IPv4 addresses left; 9007199254740991 stands for that many or more.").exactOptional(),
    availableIPv6: count("IPv6 addresses left; 9007199254740991 stands for that many or more.").exactOptional(),
    conditions: conditions.exactOptional(),
  })
  .meta({ description: "How full the pool is and whether its spec is accepted." });

/** `status` of an IPAddressPool. */
export type IPAddressPoolStatus = FieldsOf<typeof ipAddressPoolStatus>;
